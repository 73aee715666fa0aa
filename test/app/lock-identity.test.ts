import {spawnSync} from 'node:child_process'

import {expect, test} from '@jest/globals'

import {lockIdentity} from '../../src/app/lock-identity.js'
import {type Lock} from '../../src/domain/lock.js'

const identity = lockIdentity({actor: 'ada@laptop', machine: 'laptop'})
const [boot = ''] = identity.processStartedAt.split(':')

function lockOf(changes: Partial<Lock>): Lock {
  const {holder, host, pid, processStartedAt} = identity
  const since = '2026-11-20T12:00:00.000Z'
  return {
    v: 1,
    name: 'deploy/local/hello',
    holder,
    host,
    pid,
    processStartedAt,
    purpose: 'deploy',
    since,
    ...changes,
  }
}

test('this program is alive', async () => {
  expect(await identity.isAlive(lockOf({}))).toBe(true)
})

test('a program that ended is dead, also when another has its number now', async () => {
  const {pid} = spawnSync(process.execPath, ['--eval', '0'])
  expect(await identity.isAlive(lockOf({pid, processStartedAt: `${boot}:1`}))).toBe(false)
  expect(await identity.isAlive(lockOf({processStartedAt: `${boot}:1`}))).toBe(false)
})

test('of a program on another machine with this name nobody can tell, so it is not taken for dead', async () => {
  const {pid} = spawnSync(process.execPath, ['--eval', '0'])
  expect(await identity.isAlive(lockOf({pid, processStartedAt: 'another-boot:1'}))).toBe(true)
  expect(await identity.isAlive(lockOf({pid, processStartedAt: ''}))).toBe(true)
})
