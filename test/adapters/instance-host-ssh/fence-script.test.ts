import {execFile, execFileSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {fencedExit, fencing} from '../../../src/adapters/instance-host-ssh/fence-script.js'

let directory: string
let file: string

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'yfe-'))
  file = path.join(directory, 'staging/billing')
})

afterEach(() => rmSync(directory, {recursive: true, force: true}))

describe('the fence of a host', () => {
  test('lets pass who has the highest number yet, again and again, and nobody with a lower one', () => {
    expect(pass(41)).toBe('')
    expect(pass(41)).toBe('')
    expect(pass(9_007_199_254_740_991)).toBe('')
    expect(pass(42)).toBe('fenced 9007199254740991')
    expect(readFileSync(file, 'utf8')).toBe('00009007199254740991\n')
  })

  test.each(['', 'garbage\n', '-5\n', '12x\n', `${'9'.repeat(40)}\n`, '\n'])(
    'what somebody wrote there by hand and is no number counts as none: %j',
    (text) => {
      mkdirSync(path.dirname(file))
      writeFileSync(file, text)
      expect(pass(1)).toBe('')
      expect(pass(2)).toBe('')
      expect(pass(1)).toBe('fenced 2')
    },
  )

  test('of many at once the highest stays, and who is below it is refused from then on', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({min: 1, max: 1_000_000}), {minLength: 2, maxLength: 8}),
        async (numbers) => {
          rmSync(file, {force: true})
          await Promise.all(numbers.map((number) => passSoon(number)))
          const highest = Math.max(...numbers)
          expect(Number(readFileSync(file, 'utf8'))).toBe(highest)
          expect(pass(highest - 1)).toBe(`fenced ${highest}`)
        },
      ),
      {numRuns: 15},
    )
  })
})

const script = `set -euC\n${fencing}fence "$1" "$2"`

/** What it said; empty when it let pass. */
function pass(number: number): string {
  try {
    return execFileSync('sh', ['-c', script, 'sh', file, String(number)], {
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim()
  } catch (error) {
    const {status, stderr, stdout} = error as {status: number; stdout: string; stderr: string}
    expect([status, stderr]).toEqual([fencedExit, ''])
    return stdout.trim()
  }
}

function passSoon(number: number): Promise<void> {
  return new Promise((resolve) => {
    execFile('sh', ['-c', script, 'sh', file, String(number)], () => resolve())
  })
}
