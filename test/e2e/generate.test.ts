import {existsSync, mkdirSync, readdirSync, writeFileSync} from 'node:fs'
import path from 'node:path'

import {afterAll, beforeEach, describe, expect, test} from '@jest/globals'

import {hostileNames} from '../fakes/hostile-names.js'
import {eventually, Sandbox} from './support/sandbox.js'

const noStack = /\n\s+at .*:\d+:\d+/

/** These are names, but words with a meaning elsewhere. */
const reserved = ['con', 'constructor']

describe('yard generate service', () => {
  const sandbox = new Sandbox()
  let directory: string
  let count = 0

  beforeEach(() => {
    directory = path.join(sandbox.home, `parent-${count++}`)
    mkdirSync(directory)
  })
  afterAll(() => sandbox.dispose())

  for (const name of [...hostileNames, ...reserved]) {
    test(`refuses the name ${JSON.stringify(name.slice(0, 70))}, and writes nothing`, async () => {
      const ended = await sandbox.yard(['generate', 'service', '--no-install', '--', name], {cwd: directory})
      expect({code: ended.code, stderr: ended.stderr}).toMatchObject({code: 2})
      expect(ended.stderr).not.toMatch(noStack)
      expect(readdirSync(directory)).toEqual([])
    })
  }

  test('without a name says how to give one, and asks nothing', async () => {
    const ended = await sandbox.yard(['generate', 'service'], {cwd: directory})
    expect(ended.code).toBe(2)
    expect(ended.stderr).toContain('name')
  })

  test('changes nothing where something is already', async () => {
    mkdirSync(path.join(directory, 'taken'))
    writeFileSync(path.join(directory, 'taken/mine.txt'), 'mine')
    const ended = await sandbox.yard(['generate', 'service', 'taken', '--no-install'], {cwd: directory})
    expect(ended.code).toBe(3)
    expect(readdirSync(path.join(directory, 'taken'))).toEqual(['mine.txt'])
  })

  test('the real run gives exactly the tree of the dry run', async () => {
    const words = ['generate', 'service', 'twice', '--no-install', '--owner', 'me']
    const dry = await sandbox.json<{tree: string}>([...words, '--dry-run'], {cwd: directory})
    expect(readdirSync(directory)).toEqual([])
    const real = await sandbox.json<{tree: string}>(words, {cwd: directory})
    expect(real.tree).toBe(dry.tree)
  })

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    test(`${signal} during the installation leaves nothing behind`, async () => {
      const ended = await sandbox.yard(['generate', 'service', 'stopped'], {
        cwd: directory,
        whileRunning: (child) => {
          void eventually('the installation has begun', () =>
            readdirSync(directory).length > 0 ? true : undefined,
          ).then(() => child.kill(signal))
        },
      })
      expect(ended.code).toBe(130)
      expect(readdirSync(directory)).toEqual([])
    })
  }

  test('SIGKILL leaves a stage that the next run removes', async () => {
    const killed = await sandbox.yard(['generate', 'service', 'killed'], {
      cwd: directory,
      whileRunning: (child) => {
        void eventually('the stage is there', () =>
          readdirSync(directory).length > 0 ? true : undefined,
        ).then(() => child.kill('SIGKILL'))
      },
    })
    expect(killed.signal).toBe('SIGKILL')
    expect(existsSync(path.join(directory, 'killed'))).toBe(false)
    await sandbox.mustRun(['generate', 'service', 'killed', '--no-install'], {cwd: directory})
    expect(readdirSync(directory)).toEqual(['killed'])
  })
})
