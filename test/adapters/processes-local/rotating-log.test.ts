import {execFileSync} from 'node:child_process'
import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import {afterEach, beforeEach, expect, test} from '@jest/globals'

import {readStatus, writeStatus} from '../../../src/adapters/processes-local/records.js'
import {RotatingLog} from '../../../src/adapters/processes-local/rotating-log.js'
import {parseLogLine} from '../../../src/domain/logs/line-format.js'

let directory: string
let isMounted = false

beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'yard-log-'))
})

afterEach(() => {
  if (isMounted) execFileSync('umount', [directory])
  isMounted = false
  rmSync(directory, {recursive: true, force: true})
})

function parts(): string[] {
  return readdirSync(directory).sort()
}

test('rotates by size, keeps so many parts, and numbers only grow', () => {
  const log = new RotatingLog(directory, {partBytes: 1_000, keptParts: 3})
  for (let number = 0; number < 100; number++)
    log.write('stdout', [Buffer.from(`${number} ${'x'.repeat(100)}`)])
  log.close()
  expect(parts()).toEqual(['000010.log', '000011.log', '000012.log', 'current.log'])

  const next = new RotatingLog(directory, {partBytes: 1_000, keptParts: 3})
  for (let number = 100; number < 110; number++)
    next.write('stdout', [Buffer.from(`${number} ${'x'.repeat(100)}`)])
  next.close()
  expect(parts()).toEqual(['000011.log', '000012.log', '000013.log', 'current.log'])
  const all = parts().flatMap((name) =>
    readFileSync(path.join(directory, name), 'utf8').trimEnd().split('\n'),
  )
  const numbers = all.map((line) => Number(parseLogLine(line)!.text.split(' ')[0]))
  expect(numbers).toEqual(Array.from({length: numbers.length}, (_, index) => 110 - numbers.length + index))
})

/** A very small disk, where mounting one is permitted. */
function mountSmallDisk(): void {
  const options = ['-t', 'tmpfs', '-o', 'size=64k,mode=0700', 'tmpfs', directory]
  execFileSync('mount', options, {stdio: 'pipe'})
  isMounted = true
}

function canMount(): boolean {
  const probe = mkdtempSync(path.join(os.tmpdir(), 'yard-mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', probe], {stdio: 'pipe'})
    execFileSync('umount', [probe])
    return true
  } catch {
    return false
  } finally {
    rmSync(probe, {recursive: true, force: true})
  }
}

const onSmallDisk = canMount()
  ? test
  : (name: string, body: () => void) =>
      test.skip(`${name} (mounting a small disk is not permitted here)`, body)

onSmallDisk('a full disk drops lines, and says how many once there is space again', () => {
  mountSmallDisk()
  const ballast = path.join(directory, 'ballast')
  writeFileSync(ballast, 'x'.repeat(48_000))
  const log = new RotatingLog(directory, {partBytes: 1_000_000, keptParts: 3})
  for (let number = 0; number < 300; number++)
    log.write('stdout', [Buffer.from(`${number} ${'x'.repeat(100)}`)])
  rmSync(ballast)
  log.write('stdout', [Buffer.from('after')])
  log.close()

  const lines = readFileSync(path.join(directory, 'current.log'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => parseLogLine(line)!)
  const whole = lines.filter(({text}) => /^\d+ x{100}$/.test(text)).length
  expect(lines.at(-1)?.text).toBe('after')
  expect(lines.at(-2)).toMatchObject({
    stream: 'yard',
    text: `${300 - whole} lines were dropped: the log could not be written`,
  })
  expect(whole).toBeGreaterThan(50)
  expect(whole).toBeLessThan(300)
})

onSmallDisk('the status is still true when the disk is full', () => {
  const keeper = {pid: 2, startedAt: 'boot:1'}
  const status = {keeper, state: 'running' as const, since: '2026-11-20T12:00:00.000Z', restarts: 0}
  mountSmallDisk()
  writeStatus(directory, status)
  expect(() => writeFileSync(path.join(directory, 'ballast'), 'x'.repeat(100_000))).toThrow('ENOSPC')
  writeStatus(directory, {...status, restarts: 7, child: {pid: 3, startedAt: 'boot:2'}})
  expect(readStatus(directory)).toMatchObject({restarts: 7, child: {pid: 3}})
})
