import {describe, expect, test} from '@jest/globals'

import {SshRemoteShell} from '../../../src/adapters/shell-ssh/index.js'
import {Silence} from '../../../src/adapters/shell-ssh/silence.js'
import {YardError} from '../../../src/errors.js'
import {sshdMissing} from '../../support/ssh/missing.js'
import {startSshd} from '../../support/ssh/sshd.js'

const missing = sshdMissing()
const away = new YardError('E_HOST_UNREACHABLE', {what: 'Away', why: "it doesn't answer", next: ['ssh']})

describe('what is known of a machine that does not answer', () => {
  test.each([
    ['was found out after a long wait is good for a while', away, 2_000, 10_000, true],
    ['was found out long ago is asked again', away, 2_000, 15_000, false],
    ['takes no time is always asked again', away, 100, 1, false],
    ['is no silence is always asked again', new Error('a bug'), 2_000, 1, false],
  ] as const)('what %s', (_, error, tookMillis, laterMillis, isKnown) => {
    let now = 5_000
    const silence = new Silence(() => now)

    silence.remember(error, now - tookMillis)
    now += laterMillis

    expect(silence.fault).toBe(isKnown ? away : undefined)
    silence.isOver()
    expect(silence.fault).toBeUndefined()
  })

  test('one that was there and went silent gets less time to answer, until it does', () => {
    const silence = new Silence()
    expect(silence.connectMillis).toBeUndefined()
    silence.loses()
    expect(silence.connectMillis).toBe(5_000)
    silence.isOver()
    expect(silence.connectMillis).toBeUndefined()
  })
})

const title = 'a machine that froze is waited for once'
if (missing !== undefined) test.skip(`${title} (skipped: ${missing})`, () => undefined)
else
  test(
    title,
    async () => {
      const frail = await startSshd()
      const shell = new SshRemoteShell(frail.settings({keepaliveMillis: 100}))
      const command = {file: 'true', args: [], deadlineMillis: 30_000}
      try {
        await shell.run(command)
        const frozen = [frail.listener(), ...frail.connections()]
        for (const pid of frozen) process.kill(pid, 'SIGSTOP')
        try {
          expect(await shell.run(command)).toMatchObject({outcome: 'lost'})
          const began = performance.now()
          await expect(shell.run(command)).rejects.toMatchObject({code: 'E_HOST_UNREACHABLE'})
          const first = performance.now() - began
          await expect(shell.run(command)).rejects.toMatchObject({code: 'E_HOST_UNREACHABLE'})
          await expect(
            shell.askSocket('/run/x', 'x', {halfClose: true, deadlineMillis: 9_000}),
          ).rejects.toThrow()
          expect(first).toBeGreaterThan(4_000)
          expect(first).toBeLessThan(12_000)
          expect(performance.now() - began - first).toBeLessThan(2_000)
        } finally {
          for (const pid of frozen) process.kill(pid, 'SIGCONT')
        }
      } finally {
        await shell.close()
        await frail.remove()
      }
    },
    60_000,
  )
