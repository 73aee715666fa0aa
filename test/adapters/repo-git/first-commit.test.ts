import {execFileSync} from 'node:child_process'
import {chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {createWithFirstCommit, gitIdentity} from '../../../src/adapters/repo-git/first-commit.js'
import {gitTreeId} from '../../../src/lifecycle/generate/git-tree.js'

const files = [
  {path: '.gitignore', executable: false, text: 'dist/\n'},
  {path: '.gitattributes', executable: false, text: '* text=auto eol=lf\n'},
  {path: 'lib.txt', executable: false, text: 'a file before the directory lib\n'},
  {path: 'lib/a.txt', executable: false, text: '\u{1f680} emoji\n'},
  {path: 'lib-b/run', executable: true, text: '#!/bin/sh\n'},
  {path: 'notes.log', executable: false, text: 'ignored by some users\n'},
]
let base: string
let home: string

beforeEach(() => {
  base = mkdtempSync(path.join(os.tmpdir(), 'yard-first-'))
  home = path.join(base, 'home')
  mkdirSync(home)
})

afterEach(() => rmSync(base, {recursive: true, force: true}))

describe('the first commit', () => {
  test.each<[string, Record<string, string>, string]>([
    ['an empty home', {}, ''],
    ['an identity', {}, '[user]\nname = Ada\nemail = ada@example.com\n'],
    ['half an identity that must be configured', {}, '[user]\nname = Ada\nuseConfigOnly = true\n'],
    ['signing without a key', {}, '[commit]\ngpgSign = true\n[user]\nsigningKey = none\n'],
    ['a hook that fails', {}, '[core]\nhooksPath = HOME/hooks\n'],
    ['line ends changed', {}, '[core]\nautocrlf = true\nsafecrlf = true\n'],
    ['ignored files of its own', {}, '[core]\nexcludesFile = HOME/ignore\nfileMode = false\n'],
    ['a template with hooks', {}, '[init]\ntemplateDir = HOME/template\ndefaultBranch = trunk\n'],
    ['another language and time zone', {LANG: 'de_DE.UTF-8', TZ: 'Asia/Tokyo'}, ''],
    ['variables of a surrounding git hook', {GIT_DIR: '/nowhere', GIT_INDEX_FILE: '/nowhere/index'}, ''],
  ])('is made and has the same tree with %s', async (_what, extra, config) => {
    prepareHome(config)
    const directory = work()
    const variables = {PATH: process.env['PATH'] ?? '', HOME: home, ...extra}

    const commit = await createWithFirstCommit({variables}, directory, 'Generate hello')

    const git = (...args: string[]) =>
      execFileSync('git', args, {cwd: directory, env: {PATH: variables.PATH}}).toString()
    expect(git('rev-parse', 'HEAD', 'HEAD^{tree}', '--abbrev-ref', 'HEAD').trim().split('\n')).toEqual([
      commit,
      gitTreeId(files),
      'main',
    ])
    const author = config.includes('ada@') ? 'Ada <ada@example.com>' : 'yard <yard@localhost>'
    expect(git('log', '--format=%an <%ae>|%s')).toBe(`${author}|Generate hello\n`)
    expect(git('status', '--porcelain')).toBe('')
  })

  test('has the same tree whatever the umask', async () => {
    const before = process.umask(0o077)
    try {
      const directory = work()
      await createWithFirstCommit({variables: {PATH: process.env['PATH'] ?? '', HOME: home}}, directory, 'x')
      expect(execFileSync('git', ['rev-parse', 'HEAD^{tree}'], {cwd: directory}).toString().trim()).toBe(
        gitTreeId(files),
      )
    } finally {
      process.umask(before)
    }
  })

  test('says so when git is missing', async () => {
    await expect(createWithFirstCommit({variables: {PATH: '/nowhere'}}, work(), 'x')).rejects.toMatchObject({
      code: 'E_GIT',
      why: 'git is not installed',
    })
  })
})

test('an identity is both name and address', async () => {
  const variables = {PATH: process.env['PATH'] ?? '', HOME: home}
  expect(await gitIdentity({variables}, base)).toBeUndefined()
  prepareHome('[user]\nname = Ada Lovelace\nemail = ada@example.com\n')
  expect(await gitIdentity({variables}, base)).toBe('Ada Lovelace <ada@example.com>')
})

function prepareHome(config: string): void {
  for (const directory of ['hooks', 'template/hooks']) {
    mkdirSync(path.join(home, directory), {recursive: true})
    for (const name of ['pre-commit', 'prepare-commit-msg']) {
      writeFileSync(path.join(home, directory, name), '#!/bin/sh\nexit 1\n')
      chmodSync(path.join(home, directory, name), 0o755)
    }
  }
  writeFileSync(path.join(home, 'ignore'), '*.log\nlib\n')
  writeFileSync(path.join(home, '.gitconfig'), config.replaceAll('HOME', home))
}

function work(): string {
  const directory = path.join(base, 'work')
  for (const file of files) {
    const absolute = path.join(directory, file.path)
    mkdirSync(path.dirname(absolute), {recursive: true})
    writeFileSync(absolute, file.text, {mode: file.executable ? 0o777 : 0o666})
  }
  return directory
}
