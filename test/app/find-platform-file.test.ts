import {chmodSync, chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, expect, test} from '@jest/globals'

import {findPlatformFile} from '../../src/app/find-platform-file.js'

let base: string
let paths: {config: string}
let deep: string

beforeEach(() => {
  base = realpathSync(mkdtempSync(path.join(tmpdir(), 'yard-platform-')))
  paths = {config: path.join(base, 'config')}
  deep = path.join(base, 'work', 'services', 'hello')
  mkdirSync(paths.config)
  mkdirSync(deep, {recursive: true})
})

afterEach(() => rmSync(base, {recursive: true, force: true}))

function write(...parts: string[]): string {
  const file = path.join(base, ...parts)
  writeFileSync(file, '')
  return file
}

test('the one that was named is taken, relative to the directory, whether it exists or not', () => {
  write('work', 'yard.yaml')

  expect(findPlatformFile('../other.yaml', deep, paths)).toBe(path.join(base, 'work/services/other.yaml'))
})

test('the nearest one from the directory up is taken', () => {
  write('config', 'yard.yaml')
  const far = write('work', 'yard.yaml')
  expect(findPlatformFile(undefined, deep, paths)).toBe(far)

  const near = write('work', 'services', 'yard.yaml')
  expect(findPlatformFile(undefined, deep, paths)).toBe(near)
})

test('the own one is taken when there is none above, also when an empty one was named', () => {
  expect(findPlatformFile(undefined, deep, paths)).toBeUndefined()

  const own = write('config', 'yard.yaml')
  expect(findPlatformFile('', deep, paths)).toBe(own)
})

const isRoot = process.getuid?.() === 0
const asRoot = isRoot ? test : test.skip

asRoot(
  `what another user put where everybody may is passed over${isRoot ? '' : ' (skipped: only root can play another user)'}`,
  () => {
    const planted = write('work', 'yard.yaml')
    chmodSync(path.join(base, 'work'), 0o1777)
    expect(findPlatformFile(undefined, deep, paths)).toBe(planted)

    chownSync(planted, 65_534, 65_534)
    expect(findPlatformFile(undefined, deep, paths)).toBeUndefined()
    expect(findPlatformFile(planted, deep, paths)).toBe(planted)
  },
)
