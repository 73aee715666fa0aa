import {chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {findHaproxy, LocalRouterHost} from '../../../src/adapters/router-host-local/index.js'
import {isVersionAtLeast} from '../../../src/domain/haproxy/version.js'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'yard-find-'))
})

afterEach(() => {
  rmSync(directory, {recursive: true, force: true})
})

function program(folder: string, text: string): string {
  const file = path.join(directory, folder, 'haproxy')
  mkdirSync(path.dirname(file), {recursive: true})
  writeFileSync(file, `#!/bin/sh\n${text}\n`)
  chmodSync(file, 0o755)
  return file
}

const says = (version: string) =>
  `[ "$1" = -v ] && echo 'HAProxy version ${version} 2026/10/17 - https://haproxy.org/'`

describe('looking for HAProxy', () => {
  test('finds the first that runs on the search path', async () => {
    program('broken', 'exit 1')
    const file = program('good', says('3.0.5-1ubuntu2'))

    expect(await findHaproxy({searchPath: [`${directory}/broken`, `${directory}/good`]})).toEqual({
      file,
      version: '3.0.5',
      variables: {},
    })
  })

  test('reads the spelling of 2.4', async () => {
    program('good', `echo 'HA-Proxy version 2.4.22-f8e3218 2023/02/14 - https://haproxy.org/'`)

    expect(await findHaproxy({searchPath: [`${directory}/good`]})).toMatchObject({version: '2.4.22'})
  })

  test('takes the override whatever else there is', async () => {
    program('good', says('2.6.12'))
    const file = program('mine', says('2.8.1'))

    expect(await findHaproxy({override: file, searchPath: [`${directory}/good`]})).toMatchObject({file})
  })

  test('says what to do when the override is none', async () => {
    await expect(findHaproxy({override: '/nowhere/haproxy', searchPath: []})).rejects.toMatchObject({
      code: 'E_HAPROXY_MISSING',
      next: [
        'unset YARD_HAPROXY',
        'sudo apt-get install haproxy',
        'sudo dnf install haproxy',
        'brew install haproxy',
      ],
    })
  })

  test('refuses one below 2.4', async () => {
    const override = program('old', says('2.2.29'))

    await expect(findHaproxy({override, searchPath: []})).rejects.toMatchObject({
      code: 'E_HAPROXY_OLD',
      why: 'it is HAProxy 2.2.29 and yard needs 2.4 or newer',
    })
  })

  test.each([
    ['2.6.12', true],
    ['2.10.0', true],
    ['3.0.1', true],
    ['2.5.9', false],
    ['1.9.0', false],
  ])('compares %s with 2.6 as numbers', (version, expected) => {
    expect(isVersionAtLeast(version, [2, 6])).toBe(expected)
  })
})

test.each(['/tmp/with space', `/tmp/${'x'.repeat(100)}`, '/tmp/a,b', '/tmp/a"b'])(
  'a host refuses %j as the place of its sockets',
  (runtimeDirectory) => {
    const haproxy = {file: '/x', version: '2.6.1', variables: {}}
    const care = {kind: 'unit' as const, unit: 'yard-haproxy.service'}
    const settings = {haproxy, directory, runtimeDirectory, care}

    expect(() => new LocalRouterHost(settings)).toThrow(/Can't keep HAProxy's sockets/)
  },
)
