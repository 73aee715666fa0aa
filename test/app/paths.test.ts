import {expect, test} from '@jest/globals'

import {parseCatalogUrl} from '../../src/app/catalog-url.js'
import {parseFailpoint} from '../../src/app/failpoint.js'
import {yardPaths} from '../../src/app/paths.js'

test('the state directory follows YARD_STATE_DIR, then XDG_STATE_HOME, then the home directory', () => {
  expect(yardPaths('/p', {HOME: '/h/ann'}).state).toBe('/h/ann/.local/state/yard')
  expect(yardPaths('/p', {HOME: '/h/ann', XDG_STATE_HOME: '/s'}).state).toBe('/s/yard')
  expect(yardPaths('/p', {HOME: '/h/ann', YARD_STATE_DIR: '/mine'}).state).toBe('/mine')
})

test('sockets get a short directory when the state directory is deep', () => {
  const deep = `/${'d'.repeat(120)}`
  const {sockets} = yardPaths('/p', {YARD_STATE_DIR: deep})
  expect(sockets.length).toBeLessThan(80)
  expect(sockets).not.toBe(yardPaths('/p', {YARD_STATE_DIR: `${deep}x`}).sockets)
  expect(yardPaths('/p', {YARD_STATE_DIR: '/s'}).sockets).toBe('/s/run')
})

test('a catalog is named by a sqlite URL', () => {
  expect(parseCatalogUrl('sqlite:/srv/c.db')).toBe('/srv/c.db')
  expect(parseCatalogUrl('sqlite:///srv/c.db')).toBe('/srv/c.db')
})

for (const url of ['', 'sqlite:', '/srv/c.db', 'http://x', 'sqlite:a\0b', '--help', 'etcd://a']) {
  test(`${JSON.stringify(url)} is no catalog`, () => {
    expect(() => parseCatalogUrl(url)).toThrow(expect.objectContaining({code: 'E_CATALOG_URL'}))
  })
}

test('only a whole failpoint counts', () => {
  for (const text of [undefined, '', 'move', 'move:after', 'move:after:exit', 'move:after:kill; x']) {
    expect(parseFailpoint(text)).toBeUndefined()
  }
  expect(parseFailpoint('move:after:kill')).toBeInstanceOf(Function)
})
