import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {baseDirectory, makeBase} from '../../../src/adapters/fleet-nspawn/base.js'
import {type FleetSettings} from '../../../src/adapters/fleet-nspawn/settings.js'
import {failureOf} from '../../fakes/failure-of.js'
import {networkMissing} from '../../support/network/hosts.js'

const missing = networkMissing()
const where = missing === undefined ? describe : describe.skip

where(`the files that hosts start from${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let directory: string
  let settings: FleetSettings

  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'yard-base-'))
    const programs = path.join(directory, 'bin')
    mkdirSync(programs)
    settings = {
      directory: path.join(directory, 'fleet'),
      cache: path.join(directory, 'cache'),
      variables: {PATH: `${programs}:${process.env['PATH'] ?? ''}`},
      node: undefined,
    }
  })
  afterEach(() => rmSync(directory, {recursive: true, force: true}))

  /** In place of the real one, which takes a minute. `$4` is where the files go. */
  function debootstrapDoes(...lines: string[]): void {
    const file = path.join(directory, 'bin/debootstrap')
    writeFileSync(file, ['#!/bin/sh', 'set -e', ...lines, ''].join('\n'))
    chmodSync(file, 0o755)
  }

  const aDebian = [
    `echo called >> "$(dirname "$0")/../calls"`,
    'mkdir -p "$4/etc/ssh" "$4/var/cache/apt" "$4/var/lib/dbus"',
    'echo 1 > "$4/etc/ssh/ssh_host_rsa_key"; echo 2 > "$4/etc/ssh/sshd_config"; echo 3 > "$4/etc/machine-id"',
  ]

  test('two that make them at once make them once; nothing is in them that only one host may have', async () => {
    debootstrapDoes(...aDebian, 'sleep 0.2')
    await Promise.all([makeBase(settings), makeBase(settings)])
    expect(readFileSync(path.join(directory, 'calls'), 'utf8')).toBe('called\n')
    const base = baseDirectory(settings)
    expect(readdirSync(path.join(base, 'etc/ssh'))).toEqual(['sshd_config'])
    expect(readFileSync(path.join(base, 'etc/machine-id'), 'utf8')).toBe('')
    expect(existsSync(path.join(base, 'var/cache/apt'))).toBe(false)
    expect(readdirSync(settings.cache)).toEqual([path.basename(base)])
  })

  test('when it fails nothing is there, and its last words are the reason', async () => {
    debootstrapDoes('mkdir -p "$4/etc"', 'echo "E: no network" >&2', 'exit 1')
    expect(await failureOf(makeBase(settings))).toMatchObject({code: 'E_FLEET', why: 'E: no network'})
    expect(readdirSync(settings.cache)).toEqual([])
  })

  test('what a killed program left is removed', async () => {
    debootstrapDoes(...aDebian)
    mkdirSync(`${baseDirectory(settings)}.draft-abc/etc`, {recursive: true})
    await makeBase(settings)
    expect(readdirSync(settings.cache)).toEqual([path.basename(baseDirectory(settings))])
  })

  test('an interruption ends it, with nothing left', async () => {
    debootstrapDoes('touch "$(dirname "$0")/../begun"', 'exec sleep 1000')
    const controller = new AbortController()
    const made = makeBase(settings, controller.signal)
    const expected = expect(made).rejects.toThrow('enough')
    while (!existsSync(path.join(directory, 'begun'))) await new Promise((resolve) => setTimeout(resolve, 10))
    controller.abort(new Error('enough'))
    await expected
    expect(readdirSync(settings.cache)).toEqual([])
  })
})
