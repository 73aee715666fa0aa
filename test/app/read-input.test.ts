import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {Readable} from 'node:stream'

import {afterEach, beforeEach, expect, test} from '@jest/globals'

import {LocalFiles} from '../../src/adapters/files-local/index.js'
import {readInput} from '../../src/app/read-input.js'
import {failureOf} from '../fakes/failure-of.js'

const stdin = Object.getOwnPropertyDescriptor(process, 'stdin')
let directory: string

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'yard-input-'))
})

afterEach(() => {
  if (stdin !== undefined) Object.defineProperty(process, 'stdin', stdin)
  rmSync(directory, {recursive: true, force: true})
})

function read(file: string, maxBytes = 1_000): Promise<string> {
  return readInput({files: async () => new LocalFiles(), workingDirectory: directory}, file, maxBytes)
}

function pipe(chunks: Buffer[], more: object = {}): void {
  const value = Object.assign(Readable.from(chunks), more)
  Object.defineProperty(process, 'stdin', {value, configurable: true})
}

test('a file is read from the working directory, without the mark of its encoding', async () => {
  writeFileSync(path.join(directory, 'a.json'), '\ufeffhéllo')
  expect(await read('a.json')).toBe('héllo')
})

test('a character that comes in two pieces is whole', async () => {
  const bytes = Buffer.from('é')
  pipe([bytes.subarray(0, 1), bytes.subarray(1)])
  expect(await read('-')).toBe('é')
})

test('more than is sensible is refused before all of it is held', async () => {
  let pulled = 0
  const endless = Readable.from(
    (function* () {
      for (;;) {
        pulled += 1
        yield Buffer.alloc(100)
      }
    })(),
  )
  Object.defineProperty(process, 'stdin', {value: endless, configurable: true})

  expect(await failureOf(read('-'))).toMatchObject({code: 'E_FILE_TOO_LARGE'})
  expect(pulled).toBeLessThan(100)
  writeFileSync(path.join(directory, 'large'), 'x'.repeat(1_001))
  expect(await failureOf(read('large'))).toMatchObject({code: 'E_FILE_TOO_LARGE'})
})

test('a terminal is not waited for, and a missing file is named', async () => {
  pipe([], {isTTY: true})
  expect(await failureOf(read('-'))).toMatchObject({code: 'E_USAGE'})
  expect(await failureOf(read('no\u001b[2J'))).toMatchObject({
    code: 'E_USAGE',
    what: String.raw`Can't read "no\u001b[2J"`,
  })
})
