import {expect, test} from '@jest/globals'

import {parseFailpoint} from '../../src/app/failpoint.js'
import {yardPaths} from '../../src/app/paths.js'

test('the state directory follows YARD_STATE_DIR, then XDG_STATE_HOME, then the home directory', () => {
  expect(yardPaths('/p', {HOME: '/h/ann'}).state).toBe('/h/ann/.local/state/yard')
  expect(yardPaths('/p', {HOME: '/h/ann', XDG_STATE_HOME: '/s'}).state).toBe('/s/yard')
  expect(yardPaths('/p', {HOME: '/h/ann', YARD_STATE_DIR: '/mine'}).state).toBe('/mine')
})

test('the identity and the own platform file lie in the configuration directory', () => {
  expect(yardPaths('/p', {HOME: '/h/ann'})).toMatchObject({
    config: '/h/ann/.config/yard',
    identity: '/h/ann/.config/yard/identity.txt',
  })
  expect(yardPaths('/p', {HOME: '/h/ann', XDG_CONFIG_HOME: '/c', YARD_IDENTITY: '/k/key.txt'})).toMatchObject(
    {
      config: '/c/yard',
      identity: '/k/key.txt',
    },
  )
})

test('an empty XDG_CONFIG_HOME counts as none: no identity is made in the directory of the project', () => {
  expect(yardPaths('/p', {HOME: '/h/ann', XDG_CONFIG_HOME: ''}).config).toBe('/h/ann/.config/yard')
})

test('sockets get a short directory when the state directory is deep', () => {
  const deep = `/${'d'.repeat(120)}`
  const {sockets} = yardPaths('/p', {YARD_STATE_DIR: deep})
  expect(sockets.length).toBeLessThan(80)
  expect(sockets).not.toBe(yardPaths('/p', {YARD_STATE_DIR: `${deep}x`}).sockets)
  expect(yardPaths('/p', {YARD_STATE_DIR: '/s'}).sockets).toBe('/s/run')
})

test('only a whole failpoint counts', () => {
  for (const text of [undefined, '', 'move', 'move:after', 'move:after:exit', 'move:after:kill; x']) {
    expect(parseFailpoint(text)).toBeUndefined()
  }
  expect(parseFailpoint('move:after:kill')).toBeInstanceOf(Function)
})
