import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'

import {afterEach, describe, expect, test} from '@jest/globals'

import {holderOf, leaderOf, mark, markedParts, markedRows} from '../../../src/adapters/fleet-nspawn/marks.js'
import {processRows} from '../../../src/adapters/fleet-nspawn/process-rows.js'
import {networkMissing} from '../../support/network/hosts.js'

const missing = networkMissing()
const where = missing === undefined ? describe : describe.skip
const id = `test${process.pid}`
const waits = 'echo ready; sleep infinity & wait'

where(`words that tell processes of a fleet${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  const started: ChildProcess[] = []

  async function start(...command: [string, ...string[]]): Promise<number> {
    const [file, ...args] = command
    const child = spawn(file, args, {stdio: ['ignore', 'pipe', 'inherit'], detached: true})
    started.push(child)
    await once(child.stdout, 'data')
    return child.pid!
  }

  afterEach(() => {
    for (const {pid} of started.splice(0)) process.kill(-pid!, 'SIGKILL')
  })

  test('what holds a part is found by its word alone', async () => {
    const pid = await start('sh', '-c', waits, mark(id, 'fleet-1', 'holding'))
    await start('sh', '-c', waits, mark(id, 'fleet-2', 'making'))
    const rows = processRows()
    expect([holderOf(rows, id, 'fleet-1'), holderOf(rows, id, 'fleet-2')]).toEqual([pid, undefined])
    expect([...markedParts(rows, id)].sort()).toEqual(['fleet-1', 'fleet-2'])
    expect(markedRows(rows, id, 'fleet-1').map((row) => row.pid)).toEqual([pid])
    expect(leaderOf(rows, id, 'fleet-1')).toBeUndefined()
    expect(holderOf(rows, `${id}0`, 'fleet-1')).toBeUndefined()
  })

  test('a process of somebody who is not root is never believed', async () => {
    const asNobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'] as const
    await start(...asNobody, 'sh', '-c', waits, mark(id, 'fleet-1', 'holding'))
    const rows = processRows()
    expect(rows.some(({args}) => args[3] === mark(id, 'fleet-1', 'holding'))).toBe(true)
    expect(holderOf(rows, id, 'fleet-1')).toBeUndefined()
    expect(markedParts(rows, id).size).toBe(0)
  })
})
