import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, expect, test} from '@jest/globals'

import {readPlatformFile} from '../../src/app/platform.js'
import {failureOf} from '../fakes/failure-of.js'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'yard-platform-'))
})

afterEach(() => rmSync(directory, {recursive: true, force: true}))

test('reads a file, and says which it was', async () => {
  const file = path.join(directory, 'yard.yaml')
  writeFileSync(file, 'catalog: sqlite:catalog.db\n')

  expect(await readPlatformFile(file)).toMatchObject({file, catalog: {url: 'sqlite:catalog.db'}})
})

test('a file of more than 256 kB is refused unread', async () => {
  const file = path.join(directory, 'yard.yaml')
  writeFileSync(file, `# ${'x'.repeat(256 * 1024)}\n`)

  expect(await failureOf(readPlatformFile(file))).toMatchObject({
    code: 'E_PLATFORM_FILE',
    why: 'yard.yaml:1:1 is larger than 256 kB',
  })
})

test('a directory in its place is told to a person', async () => {
  const file = path.join(directory, 'yard.yaml')
  mkdirSync(file)

  expect((await failureOf(readPlatformFile(file))).next.length).toBeGreaterThan(0)
})
