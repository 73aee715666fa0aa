import {mkdtempSync, rmSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import {afterAll, beforeAll, expect, test} from '@jest/globals'

import {LocalCommandRunner} from '../../../src/adapters/shell-local/index.js'

let directory: string
const runner = new LocalCommandRunner({baseVariables: {PATH: process.env['PATH'] ?? '/usr/bin:/bin'}})

beforeAll(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'yard-captured-'))
})

afterAll(() => rmSync(directory, {recursive: true, force: true}))

function run(line: string, captureBytes = 1_000) {
  const heard: string[] = []
  const options = {
    directory,
    deadlineMillis: 20_000,
    captureBytes,
    onLine: (each: string) => heard.push(each),
  }
  return runner.run({line}, options).then((result) => ({...result, heard}))
}

test('what a program writes to stdout is returned whole, and heard by nobody else', async () => {
  expect(await run('printf " a\\nb\\n\\n"; echo hint >&2')).toEqual({
    outcome: 'succeeded',
    exitCode: 0,
    stdout: ' a\nb\n\n',
    lastLines: ['hint'],
    heard: ['hint'],
  })
})

test('more than is allowed is not returned at all, and does not block the program', async () => {
  const result = await run('head -c 300000 /dev/zero | tr "\\0" x; echo done >&2')

  expect(result).toMatchObject({outcome: 'succeeded', lastLines: ['done']})
  expect(result).not.toHaveProperty('stdout')
})

test('exactly what is allowed is returned', async () => {
  expect(await run('printf abcd', 4)).toMatchObject({stdout: 'abcd'})
  expect(await run('printf abcde', 4)).not.toHaveProperty('stdout')
})

test('bytes that are not text are not returned', async () => {
  expect(await run('printf "\\377\\376"')).not.toHaveProperty('stdout')
})

test('the output of a program that fails is kept as well', async () => {
  expect(await run('printf half; exit 3')).toMatchObject({outcome: 'failed', exitCode: 3, stdout: 'half'})
})
