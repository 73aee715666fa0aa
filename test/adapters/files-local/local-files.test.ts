import {chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile} from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {compileGlob, globBase} from '../../../src/adapters/files-local/globs.js'
import {LocalFiles} from '../../../src/adapters/files-local/index.js'

const files = new LocalFiles()
let root = ''

beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'yard-files-'))
})

afterEach(async () => {
  await rm(root, {recursive: true, force: true})
})

describe('reading', () => {
  test('gives the text, or nothing when there is no file', async () => {
    await writeFile(at('a'), 'grüße')

    expect(await files.readText(at('a'), 100)).toBe('grüße')
    expect(await files.readText(at('gone'), 100)).toBeUndefined()
    expect(await files.readText(at('a/b'), 100)).toBeUndefined()
  })

  test('stops at the limit', async () => {
    await writeFile(at('a'), 'x'.repeat(100_001))

    expect(await files.readText(at('a'), 100_001)).toHaveLength(100_001)
    await expect(files.readText(at('a'), 100_000)).rejects.toMatchObject({code: 'E_FILE_TOO_LARGE'})
  })

  test('of a directory says so', async () => {
    await expect(files.readText(root, 10)).rejects.toMatchObject({
      code: 'E_PERMISSION',
      why: 'it is a directory',
    })
  })
})

describe('writing', () => {
  test('replaces the whole file, keeps its mode and leaves nothing beside it', async () => {
    await writeFile(at('a'), 'old')
    await chmod(at('a'), 0o600)

    await files.writeText(at('a'), 'new')

    expect(await readFile(at('a'), 'utf8')).toBe('new')
    expect((await stat(at('a'))).mode & 0o777).toBe(0o600)
    expect(await readdir(root)).toEqual(['a'])
  })

  test('for its owner only stays so, whatever the umask and the file before', async () => {
    const umask = process.umask(0)
    try {
      for (const file of ['new.txt', 'old.txt'].map((name) => path.join(root, name))) {
        if (file.endsWith('old.txt')) await writeFile(file, 'before', {mode: 0o666})
        await files.writeText(file, 'mine', 0o600)
        expect((await stat(file)).mode & 0o777).toBe(0o600)
      }
    } finally {
      process.umask(umask)
    }
  })

  test('makes the directories on the way', async () => {
    await files.writeText(at('b/c/d.txt'), 'x')

    expect(await files.list(at('b/c'))).toEqual(['d.txt'])
  })

  test('through a link changes what it points to', async () => {
    await writeFile(at('target'), 'old')
    await symlink('target', at('link'))

    await files.writeText(at('link'), 'new')

    expect(await readFile(at('target'), 'utf8')).toBe('new')
  })

  test('over a directory fails and leaves nothing behind', async () => {
    await mkdir(at('d/e'), {recursive: true})

    await expect(files.writeText(at('d'), 'x')).rejects.toMatchObject({code: 'E_PERMISSION'})
    expect(await readdir(root)).toEqual(['d'])
  })
})

test('looking tells files and directories from nothing', async () => {
  await writeFile(at('a'), '')

  expect(await files.exists(at('a'))).toBe(true)
  expect(await files.exists(root)).toBe(true)
  expect(await files.exists(at('gone'))).toBe(false)
  expect(await files.list(at('gone'))).toBeUndefined()
})

describe('finding', () => {
  test('gives what matches, sorted, once, and never from outside', async () => {
    for (const name of [
      'smoke/b.hurl',
      'smoke/deep/a.hurl',
      'smoke/x.txt',
      'other/c.hurl',
      'smoke/node_modules/n.hurl',
    ])
      await files.writeText(at(name), '')
    const outside = await mkdtemp(path.join(os.tmpdir(), 'yard-files-outside-'))
    try {
      await writeFile(path.join(outside, 'o.hurl'), '')
      await symlink(path.join(outside, 'o.hurl'), at('smoke/out.hurl'))
      await symlink(outside, at('smoke/out'))
      await symlink('b.hurl', at('smoke/in.hurl'))
      await symlink('.', at('smoke/loop'))

      const found = await files.find(root, ['smoke/**/*.hurl', 'smoke/b.hurl'])

      expect(found).toEqual([at('smoke/b.hurl'), at('smoke/deep/a.hurl'), at('smoke/in.hurl')])
    } finally {
      await rm(outside, {recursive: true})
    }
  })

  test('in nothing gives nothing', async () => {
    expect(await files.find(at('gone'), ['**/*'])).toEqual([])
    expect(await files.find(root, ['gone/**/*', '../**/*'])).toEqual([])
  })
})

describe('a glob', () => {
  test.each([
    ['*.hurl', ['a.hurl', '.hurl'], ['a/b.hurl', 'a.txt', 'ahurl']],
    ['**/*.hurl', ['a.hurl', 'b/a.hurl', 'c/b/a.hurl'], ['a.txt']],
    ['smoke/**', ['smoke/a', 'smoke/b/c'], ['a', 'smokes/a']],
    ['./smoke/?.hurl', ['smoke/a.hurl'], ['smoke/ab.hurl']],
    ['{smoke,test}/*.{hurl,txt}', ['smoke/a.hurl', 'test/a.txt'], ['other/a.hurl', 'smoke/a.md']],
    ['a/**/b/**/c', ['a/b/c', 'a/x/b/y/z/c'], ['a/c', 'a/b']],
    ['a+(b).[c]', ['a+(b).[c]'], ['aab.c']],
  ])('%s', (glob, matching, others) => {
    const matches = compileGlob(glob)

    expect(matching.filter(matches)).toEqual(matching)
    expect(others.filter(matches)).toEqual([])
  })

  test('takes no longer for being hard', () => {
    expect(compileGlob(`${'*a'.repeat(90)}b`)('a'.repeat(250))).toBe(false)
    expect(compileGlob('{a,b}'.repeat(40))('x')).toBe(false)
  })

  test.each([
    ['smoke/**/*.hurl', 'smoke'],
    ['*.hurl', ''],
    ['a/b/c.hurl', 'a/b'],
    ['a/{b,c}/d', 'a'],
    ['../x/*', ''],
  ])('%s is searched from "%s"', (glob, base) => {
    expect(globBase(glob)).toBe(base)
  })
})

function at(name: string): string {
  return path.join(root, name)
}
