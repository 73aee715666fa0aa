import {spawn} from 'node:child_process'
import {existsSync} from 'node:fs'
import {createServer} from 'node:net'

import {expect, test} from '@jest/globals'

import {isOfThisUser, usersIn} from '../../../src/adapters/shell-ssh/loopback-owner.js'

const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:A0F1 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:A0F1 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 100 0 0 10 0
  12: 0200007F:A0F1 0100007F:1F90 01 00000000:00000000 02:000003E8 00000000 65534        0 4713 1 0 100 0 0 10 0
`

test('users are those of the sockets that lead from one port to the other, and not back', () => {
  expect(usersIn(table, {from: 41_201, to: 8_080})).toEqual([1000, 65_534])
  expect(usersIn(table, {from: 8_080, to: 41_201})).toEqual([0])
  expect(usersIn(table, {from: 1, to: 8_080})).toEqual([])
})

const missing =
  process.getuid?.() !== 0 || !existsSync('/proc/net/tcp') || !existsSync('/bin/bash')
    ? 'only root on Linux with bash can be somebody else'
    : undefined
const asOthers = missing === undefined ? test : test.skip

asOthers(
  `a process of another user is told from one of this user${missing ? ` (skipped: ${missing})` : ''}`,
  async () => {
    const seen: boolean[] = []
    const server = createServer((socket) => {
      seen.push(isOfThisUser(socket))
      socket.on('error', () => undefined).end('seen')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const {port} = server.address() as {port: number}
    try {
      for (const uid of [0, 65_534]) {
        const line = `exec 3<>/dev/tcp/127.0.0.1/${port}; cat <&3`
        const child = spawn('/bin/bash', ['-c', line], {uid, cwd: '/', stdio: 'ignore'})
        await new Promise((resolve) => child.on('close', resolve))
      }
      expect(seen).toEqual([true, false])
    } finally {
      server.close()
    }
  },
)
