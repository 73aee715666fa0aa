import {execFileSync} from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {GitRepository} from '../../../src/adapters/repo-git/index.js'

const variables = {PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? os.tmpdir()}
const repository = new GitRepository({variables})
let base: string
let root: string

beforeEach(() => {
  base = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'yard-git-')))
  root = path.join(base, 'work')
  mkdirSync(root)
  git('init', '--quiet', '--initial-branch=main')
  git('config', 'user.name', 'Test')
  git('config', 'user.email', 'test@example.com')
  git('config', 'commit.gpgSign', 'false')
  write('Procfile', 'web: node server.js\n')
  write('src/server.js', '1\n')
  commit('first')
})

afterEach(() => rmSync(base, {recursive: true, force: true}))

describe('what a ref means', () => {
  test('HEAD, branches, tags, ids and ancestors are commits', async () => {
    const first = head()
    git('tag', 'v1')
    write('src/server.js', '2\n')
    commit('second')

    expect(await repository.resolve(root, 'HEAD')).toBe(head())
    expect(await repository.resolve(root, 'main')).toBe(head())
    expect(await repository.resolve(root, 'v1')).toBe(first)
    expect(await repository.resolve(root, 'HEAD~1')).toBe(first)
    expect(await repository.resolve(root, first.slice(0, 8))).toBe(first)
    expect(await repository.resolve(root, '@{-1}')).toBeUndefined()
  })

  const hostile = [
    '--output=PWNED',
    '-f',
    '--upload-pack=touch PWNED',
    '--help',
    '-',
    'HEAD@{u}',
    'a..b',
    'HEAD..HEAD',
    'HEAD...HEAD',
    'refs/heads/../x',
    'with space',
    '$(touch PWNED)',
    '`touch PWNED`',
    ';touch PWNED',
    'a\nb',
    'a\0b',
    '',
    ':/first',
    'HEAD^{/first}',
    'HEAD:Procfile',
    '../../etc/passwd',
    'x'.repeat(300),
    '\u202emain',
    'main\u001b[2J',
    '^main',
    '@{0',
  ]
  test.each(hostile)('%j is no commit, writes no file and runs nothing', async (ref) => {
    expect(await repository.resolve(root, ref)).toBeUndefined()
    expect(readdirSync(root).sort()).toEqual(['.git', 'Procfile', 'src'])
    expect(existsSync(path.join(base, 'PWNED'))).toBe(false)
  })

  test('a name that is a branch and a tag at different commits is refused with both ways to write it', async () => {
    git('tag', 'main')
    expect(await repository.resolve(root, 'main')).toBe(head())
    write('src/server.js', '2\n')
    commit('second')

    await expect(repository.resolve(root, 'main')).rejects.toMatchObject({
      code: 'E_REF_UNKNOWN',
      next: [expect.stringContaining('refs/heads/main'), expect.stringContaining('refs/tags/main')],
    })
    expect(await repository.resolve(root, 'refs/heads/main')).toBe(head())
  })

  test('a branch called HEAD does not stand in for the commit that is checked out', async () => {
    const first = head()
    execFileSync('git', ['update-ref', 'refs/heads/HEAD', first], {cwd: root})
    write('src/server.js', '2\n')
    commit('second')

    expect(await repository.resolve(root, 'HEAD')).toBe(head())
  })
})

describe('a repository with a hostile configuration', () => {
  beforeEach(() => {
    const script = path.join(base, 'evil.sh')
    writeFileSync(script, `#!/bin/sh\ntouch ${base}/PWNED\n`)
    chmodSync(script, 0o755)
    for (const hook of ['post-checkout', 'pre-commit', 'post-index-change']) {
      writeFileSync(path.join(root, '.git/hooks', hook), readFileSync(script))
      chmodSync(path.join(root, '.git/hooks', hook), 0o755)
    }
    git('config', 'core.fsmonitor', script)
    git('config', 'core.sshCommand', script)
    git('config', 'core.pager', script)
    git('config', 'protocol.ext.allow', 'always')
    git('config', 'url.ext::sh -c id.insteadOf', 'https://')
    git('config', 'remote.origin.url', 'https://user:secret@example.com/team/hello.git?token=secret')
    rmSync(path.join(base, 'PWNED'), {force: true})
  })

  test('runs none of it', async () => {
    const directory = path.join(base, 'out')
    mkdirSync(directory)

    expect(await repository.findRoot(path.join(root, 'src'))).toBe(root)
    expect(await repository.resolve(root, 'HEAD')).toBe(head())
    expect(await repository.changedPaths(root)).toEqual([])
    await repository.exportCommit(root, head(), directory)
    expect(await repository.originUrl(root)).toBe('https://example.com/team/hello.git')
    expect(existsSync(path.join(base, 'PWNED'))).toBe(false)
  })

  test('that names another directory as its work tree counts as no repository', async () => {
    git('config', '--unset', 'core.fsmonitor')
    git('config', 'core.worktree', '/usr')

    expect(await repository.findRoot(root)).toBeUndefined()
  })
})

describe('exporting', () => {
  test('a commit comes as its files only, with modes and links, and leaves the work tree and index alone', async () => {
    write('run.sh', '#!/bin/sh\n')
    chmodSync(path.join(root, 'run.sh'), 0o755)
    symlinkSync('src/server.js', path.join(root, 'link.js'))
    write('@types/a b.txt', 'x')
    const wanted = commit('more')
    write('src/server.js', 'changed\n')
    write('untracked.txt', 'x')
    git('add', 'untracked.txt')
    const before = execFileSync('git', ['status', '--porcelain'], {cwd: root}).toString()
    const directory = path.join(base, 'staging', 'tree')
    mkdirSync(directory, {recursive: true})

    await repository.exportCommit(root, wanted, directory)

    expect(readdirSync(directory).sort()).toEqual(['@types', 'Procfile', 'link.js', 'run.sh', 'src'])
    expect(readFileSync(path.join(directory, 'src/server.js'), 'utf8')).toBe('1\n')
    expect(execFileSync('git', ['status', '--porcelain'], {cwd: root}).toString()).toBe(before)
    expect(readdirSync(path.join(base, 'staging'))).toEqual(['tree'])
  })

  test('the work tree comes with changes and new files, without ignored ones', async () => {
    write('.gitignore', 'secret.env\n')
    write('secret.env', 'x')
    write('new.txt', 'new')
    write('src/server.js', 'changed\n')
    rmSync(path.join(root, 'Procfile'))
    const directory = path.join(base, 'tree')
    mkdirSync(directory)

    await repository.exportWorkTree(root, directory)

    expect(readdirSync(directory).sort()).toEqual(['.gitignore', 'new.txt', 'src'])
    expect(readFileSync(path.join(directory, 'src/server.js'), 'utf8')).toBe('changed\n')
  })
})

test('changed paths are told with their odd names', async () => {
  write('a b"c.txt', 'x')
  write('dir/é.txt', 'x')
  write('src/server.js', '2\n')

  expect((await repository.changedPaths(root)).sort()).toEqual(['a b"c.txt', 'dir/é.txt', 'src/server.js'])
})

test('outside a repository there is no root', async () => {
  expect(await repository.findRoot(base)).toBeUndefined()
})

test('a repository without a commit has no HEAD, and a detached one no branch', async () => {
  const empty = path.join(base, 'empty')
  mkdirSync(empty)
  execFileSync('git', ['init', '--quiet', empty])
  expect(await repository.resolve(empty, 'HEAD')).toBeUndefined()

  expect(await repository.currentBranch(root)).toBe('main')
  git('checkout', '--quiet', '--detach')
  expect(await repository.currentBranch(root)).toBeUndefined()
})

test('a missing git is told as such', async () => {
  const without = new GitRepository({variables: {PATH: base}})

  await expect(without.findRoot(root)).rejects.toMatchObject({
    code: 'E_GIT',
    why: expect.stringContaining('not installed'),
  })
})

test.each([
  ['git@example.com:team/hello.git', 'git@example.com:team/hello.git'],
  ['ssh://git@example.com/team/hello.git', 'ssh://git@example.com/team/hello.git'],
  ['https://token@example.com/hello.git', 'https://example.com/hello.git'],
  ['https://a:b@', 'https://'],
  ['/srv/git/hello.git', '/srv/git/hello.git'],
])('origin %s is kept as %s', async (url, kept) => {
  git('config', 'remote.origin.url', url)

  expect(await repository.originUrl(root)).toBe(kept)
})

function git(...args: string[]): string {
  return execFileSync('git', args, {cwd: root, stdio: ['ignore', 'pipe', 'pipe']})
    .toString()
    .trim()
}

function head(): string {
  return execFileSync('git', ['-c', 'core.fsmonitor=', 'rev-parse', 'HEAD'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
    .toString()
    .trim()
}

function commit(message: string): string {
  git('add', '--all')
  git('commit', '--quiet', '--message', message)
  return head()
}

function write(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, file)), {recursive: true})
  writeFileSync(path.join(root, file), text)
}
