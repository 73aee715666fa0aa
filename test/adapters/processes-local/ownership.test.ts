import {spawn} from 'node:child_process'
import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterEach, beforeEach, expect, test} from '@jest/globals'

import {ownerOf, takeOwnership} from '../../../src/adapters/processes-local/ownership.js'
import {groupMembers, identify, isAlive} from '../../../src/adapters/processes-local/process-table.js'
import {eventually, keeperFromSource} from './playground.js'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'yard-owner-'))
})

afterEach(() => {
  rmSync(directory, {recursive: true, force: true})
})

test('one owner at a time', () => {
  const release = takeOwnership(directory)
  expect(release).toBeDefined()
  expect(ownerOf(directory)?.pid).toBe(process.pid)
  expect(takeOwnership(directory)).toBeUndefined()
  release?.()
  expect(ownerOf(directory)).toBeUndefined()
  expect(takeOwnership(directory)).toBeDefined()
  expect(readdirSync(directory)).toEqual(['owner.2'])
})

test('a dead owner, another process with its number, and an unreadable file stop nobody', () => {
  const self = identify(process.pid)!
  for (const content of ['2 no-such:start', `${process.pid} ${self.startedAt}0`, 'rubbish', '-1 x', '']) {
    writeFileSync(path.join(directory, 'owner.7'), content)
    const release = takeOwnership(directory)
    expect(release).toBeDefined()
    release?.()
    rmSync(path.join(directory, 'owner.8'))
  }
})

test('of many programs that find a dead owner at the same time, one takes over', async () => {
  writeFileSync(path.join(directory, 'owner.3'), '2 no-such:start')
  const contender = fileURLToPath(new URL('contender.ts', import.meta.url))
  const [node, ...first] = keeperFromSource
  const results: string[] = []
  const programs = Array.from({length: 6}, () => {
    const program = spawn(node, [...first.slice(0, -1), contender, directory], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    program.stdout.on('data', (chunk: Buffer) => results.push(chunk.toString().trim()))
    return program
  })
  try {
    await eventually('all answers', () => results.length === 6, 30_000)
    expect(results.filter((result) => result === 'owner')).toHaveLength(1)
  } finally {
    for (const program of programs) program.kill('SIGKILL')
  }
})

test('a process is told from another one with its number', () => {
  const self = identify(process.pid)!
  expect(isAlive(self)).toBe(true)
  expect(isAlive({...self, startedAt: `${self.startedAt}0`})).toBe(false)
  expect(groupMembers({...self, startedAt: 'another-boot:1'})).toEqual([])
  for (const pid of [0, 1, -1, Number.NaN, 1.5, 2 ** 40]) expect(identify(pid)).toBeUndefined()
})

test('a zombie is not alive', async () => {
  const child = spawn('/bin/sh', ['-c', 'sleep 0.01 & exec sleep 30'], {stdio: 'ignore'})
  try {
    const zombie = await eventually('a zombie', () => {
      const {pid} = child
      const children = pid === undefined ? [] : childrenOf(pid)
      return children.find((each) => identify(each) === undefined)
    })
    expect(identify(zombie)).toBeUndefined()
  } finally {
    child.kill('SIGKILL')
  }
})

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((each) => parentOf(each) === pid)
}

function parentOf(pid: number): number | undefined {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch {
    return undefined
  }
}
