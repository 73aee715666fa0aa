import {createServer, type Server, type Socket} from 'node:net'
import {userInfo} from 'node:os'
import {writeFileSync} from 'node:fs'
import path from 'node:path'

import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {startInTurn} from '../../../src/adapters/shell-ssh/starts.js'
import {sshdMissing} from '../../support/ssh/missing.js'
import {shellsOf} from '../../support/ssh/shells.js'
import {type Sshd, startSshd} from '../../support/ssh/sshd.js'

const missing = sshdMissing()

test('thirty connections begin at once, and eight through the same machine', async () => {
  for (const [through, most] of [
    [undefined, 30],
    ['bastion', 8],
  ] as const) {
    let [now, highest] = [0, 0]
    const start = async () => {
      highest = Math.max(highest, ++now)
      await new Promise((resolve) => setTimeout(resolve, 5))
      now -= 1
    }
    const wanted = {start, through, patienceMillis: 1_000, isWanted: () => true}
    await Promise.all(Array.from({length: 90}, () => startInTurn(wanted)))
    expect(highest).toBe(most)
  }
})

if (missing !== undefined) test.skip(`busy sshds (skipped: ${missing})`, () => undefined)
else describe('an sshd that drops connections before the login begins', drops)

function drops(): void {
  let sshd: Sshd

  beforeAll(async () => {
    sshd = await startSshd({config: ['MaxStartups 3:50:5']})
  })
  afterAll(() => sshd.remove())

  const open = shellsOf(() => sshd)
  const hello = {file: 'echo', args: ['here'], deadlineMillis: 20_000}

  test('is tried again until all sixty are in', async () => {
    const results = await Promise.all(Array.from({length: 60}, () => open().run(hello)))

    expect(results.map(({stdout}) => stdout)).toEqual(Array(60).fill('here\n'))
    expect(sshd.log()).toContain('MaxStartups')
  })

  test('is tried again also when it stands in between', async () => {
    const target = await startSshd()
    const config = path.join(sshd.directory, 'jump_config')
    const known = path.join(sshd.directory, 'jump_known_hosts')
    writeFileSync(known, `[${sshd.address}]:${sshd.port} ${sshd.hostKeys[0]!}\n`)
    const lines = ['Host *', `IdentityFile ${sshd.identityFile}`, `UserKnownHostsFile ${known}`]
    writeFileSync(config, `${lines.join('\n')}\n`)
    const proxyJump = `${userInfo().username}@${sshd.address}:${sshd.port}`
    try {
      const shells = Array.from({length: 20}, () => open({configFile: config, proxyJump}, target))
      const results = await Promise.all(shells.map((shell) => shell.run(hello)))
      expect(results.map(({stdout}) => stdout)).toEqual(Array(20).fill('here\n'))
      await Promise.all(shells.map((shell) => shell.close()))
    } finally {
      await target.remove()
    }
  })

  test('is given up in time when it always does, and no longer tried once nobody wants it', async () => {
    let dropped = 0
    const server = createServer((socket: Socket) => {
      dropped += 1
      socket.on('error', () => undefined)
      socket.end('Exceeded MaxStartups\r\n')
    })
    const port = await listening(server)
    try {
      const started = Date.now()
      await expect(open({port, patienceMillis: 1_000}).run(hello)).rejects.toMatchObject({
        code: 'E_HOST_UNREACHABLE',
        why: expect.stringMatching(/^it ended the connection \d+ times: too many connect to it at once/),
      })
      expect(Date.now() - started).toBeLessThan(5_000)
      expect(dropped).toBeGreaterThan(2)

      const shell = open({port, patienceMillis: 60_000})
      const running = shell.run(hello)
      running.catch(() => undefined)
      await shell.close()
      await expect(running).rejects.toMatchObject({code: 'E_HOST_UNREACHABLE'})
    } finally {
      server.close()
    }
  })
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as {port: number}).port))
  })
}
