import {execFileSync, spawnSync} from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {LocalStages} from '../../../src/adapters/stage-local/index.js'
import {stageName} from '../../../src/adapters/stage-local/stage-name.js'

const files = [
  {path: 'README.md', executable: false, text: '# x\n'},
  {path: 'bin/deep/run', executable: true, text: '#!/bin/sh\n'},
]
const stages = new LocalStages()
let parent: string
let target: string

beforeEach(() => {
  parent = mkdtempSync(path.join(os.tmpdir(), 'yard-stage-'))
  target = path.join(parent, 'hello')
})

afterEach(() => rmSync(parent, {recursive: true, force: true}))

describe('what stands at the target', () => {
  test('nothing and an empty directory are free', async () => {
    expect(await stages.survey(target)).toEqual({state: 'free'})
    mkdirSync(target)
    expect(await stages.survey(target)).toEqual({state: 'free'})
  })

  test('a file, a filled directory and any link are not', async () => {
    writeFileSync(target, '')
    expect((await stages.survey(target)).state).toBe('occupied')
    mkdirSync(path.join(parent, 'full/x'), {recursive: true})
    expect((await stages.survey(path.join(parent, 'full'))).state).toBe('occupied')
    symlinkSync('/nowhere', path.join(parent, 'link'))
    expect((await stages.survey(path.join(parent, 'link'))).state).toBe('link')
  })

  test('a repository around it is named', async () => {
    mkdirSync(path.join(parent, '.git'))
    mkdirSync(path.join(parent, 'services'))

    expect(await stages.survey(path.join(parent, 'services/hello'))).toEqual({
      state: 'free',
      insideRepository: parent,
    })
  })

  test('a parent that is no directory is refused', async () => {
    writeFileSync(path.join(parent, 'file'), '')

    await expect(stages.survey(path.join(parent, 'none/hello'))).rejects.toMatchObject({code: 'E_USAGE'})
    await expect(stages.survey(path.join(parent, 'file/hello'))).rejects.toMatchObject({code: 'E_USAGE'})
  })
})

describe('publishing', () => {
  test('shows nothing until the rename, then everything', async () => {
    const stage = await stages.open(target)
    await stage.write(files)
    expect(existsSync(target)).toBe(false)

    await stage.publish()
    await stage.discard()

    expect(readFileSync(path.join(target, 'README.md'), 'utf8')).toBe('# x\n')
    expect(statSync(path.join(target, 'bin/deep/run')).mode & 0o100).toBe(0o100)
    expect(readdirSync(parent)).toEqual(['hello'])
  })

  test('replaces an empty directory', async () => {
    mkdirSync(target)
    const stage = await stages.open(target)
    await stage.write(files)

    await stage.publish()

    expect(existsSync(path.join(target, 'README.md'))).toBe(true)
  })

  test.each([
    ['a file', () => writeFileSync(target, 'mine')],
    ['a directory with something in it', () => mkdirSync(path.join(target, 'mine'), {recursive: true})],
    ['a link', () => symlinkSync(os.tmpdir(), target)],
  ])('never replaces %s that appeared meanwhile', async (_what, appear) => {
    const stage = await stages.open(target)
    await stage.write(files)
    appear()

    await expect(stage.publish()).rejects.toMatchObject({code: 'E_TARGET_EXISTS', exitCode: 3})
    await stage.discard()

    expect(readdirSync(parent)).toEqual(['hello'])
    expect(existsSync(path.join(target, 'README.md'))).toBe(false)
  })
})

describe('leftovers of killed runs', () => {
  test('those of dead processes for the same target are removed, all others stay', async () => {
    const ended = spawnSync(process.execPath, ['-e', '']).pid
    const alive = stageName('hello')
    const of = (pid: number, name: string) => stageName(name).replace(`-${process.pid}-`, `-${pid}-`)
    const stale = of(ended, 'hello')
    const kept = [
      alive,
      of(ended, 'other'),
      of(ended, 'hello-two'),
      '.hello.yard-mine',
      stale.replace(/yard-.{8}/, 'yard-00000000'),
    ]
    for (const name of [stale, ...kept]) mkdirSync(path.join(parent, name, 'node_modules'), {recursive: true})

    const stage = await stages.open(target)
    await stage.discard()

    expect(readdirSync(parent).sort()).toEqual(kept.sort())
  })

  test('a process number that was given out again does not keep one', async () => {
    const start = /^\.hello\.yard-[^-]+-\d+-(\d+)-/.exec(stageName('hello'))?.[1] ?? ''
    if (start === '0') return
    mkdirSync(path.join(parent, stageName('hello').replace(`-${start}-`, `-${Number(start) - 1}-`)))

    const stage = await stages.open(target)

    expect(readdirSync(parent)).toEqual([path.basename(stage.directory)])
  })
})

describe('what the system refuses', () => {
  const isRoot = process.getuid?.() === 0
  const whenRoot = isRoot ? test : test.skip
  const whenUser = isRoot ? test.skip : test

  whenUser('a directory without permission to write (skipped as root, whom nothing refuses)', async () => {
    chmodSync(parent, 0o500)

    await expect(stages.open(target)).rejects.toMatchObject({code: 'E_PERMISSION', exitCode: 4})
  })

  whenRoot('a full disk (skipped unless root, who may mount one)', async () => {
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', parent])
    expect(mounted.status).toBe(0)
    try {
      const stage = await stages.open(target)
      const big = {path: 'big', executable: false, text: 'x'.repeat(200_000)}

      await expect(stage.write([...files, big])).rejects.toMatchObject({code: 'E_DISK_FULL', exitCode: 4})
      await stage.discard()

      expect(readdirSync(parent)).toEqual([])
    } finally {
      execFileSync('umount', [parent])
    }
  })
})
