import {execFileSync} from 'node:child_process'
import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'
import {generateX25519Identity, identityToRecipient} from 'age-encryption'
import fc from 'fast-check'

import {AgeSecretBox} from '../../../src/adapters/secrets-age/index.js'
import {configValueSchema} from '../../../src/domain/config-value.js'
import {check} from '../../../src/domain/schema.js'
import {allTextOf} from '../../fakes/all-text.js'
import {failureOf} from '../../fakes/failure-of.js'

let home: string
let identityFile: string
let box: AgeSecretBox

beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'yard-age-'))
  identityFile = path.join(home, '.config/yard/identity.txt')
  box = new AgeSecretBox({identityFile})
})

afterEach(() => rmSync(home, {recursive: true, force: true}))

function modeOf(file: string): string {
  return (statSync(file).mode & 0o777).toString(8)
}

/** Another machine: an identity of its own. */
async function stranger(): Promise<{box: AgeSecretBox; recipient: string; identity: string}> {
  const identity = await generateX25519Identity()
  const file = path.join(home, `stranger-${Math.random()}.txt`)
  writeFileSync(file, `# created: today\n\n${identity}\n`)
  return {
    box: new AgeSecretBox({identityFile: file}),
    recipient: await identityToRecipient(identity),
    identity,
  }
}

describe('what is sealed', () => {
  test('is opened by each of its recipients and by nobody else', async () => {
    const [one, two, other] = [await stranger(), await stranger(), await stranger()]
    const sealed = await box.seal('CANARY-7f3a', [one.recipient, two.recipient])

    expect(await one.box.open(sealed)).toBe('CANARY-7f3a')
    expect(await two.box.open(sealed)).toBe('CANARY-7f3a')
    const error = await failureOf(other.box.open(sealed))
    expect(error).toMatchObject({code: 'E_SECRET_IDENTITY', why: expect.stringContaining('sealed to others')})
  })

  test('is another text each time, and shows nothing of what is in it', async () => {
    const own = await box.ownRecipient()
    const [first, second] = [await box.seal('CANARY-7f3a', [own]), await box.seal('CANARY-7f3a', [own, own])]

    expect(first).not.toBe(second)
    expect(Buffer.from(first, 'base64').includes('CANARY')).toBe(false)
  })

  test('is what the catalog keeps, whatever text it was', async () => {
    const own = await box.ownRecipient()
    const text = fc.string({unit: 'binary', maxLength: 200})
    await fc.assert(
      fc.asyncProperty(text, async (secret) => {
        const well = Buffer.from(secret).toString()
        const sealed = await box.seal(well, [own])
        const record = {
          v: 1,
          name: 'A',
          environment: 'local',
          setBy: 'ada',
          setAt: '2026-11-20T12:00:00.000Z',
        }
        expect(check(configValueSchema, {...record, content: {kind: 'sealed', sealed}}).ok).toBe(true)
        expect(await box.open(sealed)).toBe(well)
      }),
      {numRuns: 30},
    )
  })

  test('of 32 kB in three-byte characters fits the catalog', async () => {
    const sealed = await box.seal('€'.repeat(10_922), [
      await box.ownRecipient(),
      (await stranger()).recipient,
    ])

    expect(sealed.length).toBeLessThan(100_000)
  })

  test('and changed by one character is not opened', async () => {
    const sealed = await box.seal('CANARY-7f3a', [await box.ownRecipient()])
    const lines = sealed.trim().split('\n')
    const last = lines.length - 2
    lines[last] = `${lines[last]!.startsWith('A') ? 'B' : 'A'}${lines[last]!.slice(1)}`

    for (const damaged of [lines.join('\n'), 'nonsense', '', sealed.slice(0, -60)]) {
      expect(await failureOf(box.open(damaged))).toMatchObject({
        code: 'E_SECRET_IDENTITY',
        why: expect.stringContaining('damaged'),
      })
    }
  })
})

test('sealing to nobody, or to what is no public key, is refused', async () => {
  const {identity} = await stranger()
  for (const recipients of [[], ['age1nonsense'], ['ssh-ed25519 AAAA'], [identity], ['-']]) {
    const error = await failureOf(box.seal('CANARY-7f3a', recipients))
    expect(error.code).toBe('E_SECRET_RECIPIENTS')
    expect(allTextOf(error)).not.toContain('CANARY')
  }
})

describe('the own identity', () => {
  test('is made once, for this user only, whatever the umask is', async () => {
    const before = process.umask(0)
    try {
      const recipient = await box.ownRecipient()

      expect(recipient).toMatch(/^age1/)
      expect([modeOf(identityFile), modeOf(path.dirname(identityFile))]).toEqual(['600', '700'])
      expect(await new AgeSecretBox({identityFile}).ownRecipient()).toBe(recipient)
      expect(readFileSync(identityFile, 'utf8')).toContain(`# public key: ${recipient}\n`)
    } finally {
      process.umask(before)
    }
  })

  test('can be read by its owner although the umask takes that away', async () => {
    mkdirSync(path.dirname(identityFile), {recursive: true, mode: 0o700})
    const before = process.umask(0o777)
    try {
      await box.ownRecipient()
      expect(modeOf(identityFile)).toBe('600')
    } finally {
      process.umask(before)
    }
  })

  test('is the same for twenty who make it at the same time', async () => {
    const boxes = Array.from({length: 20}, () => new AgeSecretBox({identityFile}))
    const recipients = await Promise.all(boxes.map((each) => each.ownRecipient()))

    expect(new Set(recipients).size).toBe(1)
    expect(execFileSync('ls', ['-A', path.dirname(identityFile)], {encoding: 'utf8'})).toBe('identity.txt\n')
  })

  test('is not made by opening', async () => {
    const {recipient} = await stranger()
    const error = await failureOf(box.open(await box.seal('x', [recipient])))

    expect(error).toMatchObject({code: 'E_SECRET_IDENTITY', why: expect.stringContaining('no identity')})
    expect(existsSync(identityFile)).toBe(false)
  })

  test('that is something else is refused without showing it, and left as it is', async () => {
    mkdirSync(path.dirname(identityFile), {recursive: true})
    writeFileSync(identityFile, 'CANARY\n')

    const error = await failureOf(box.ownRecipient())

    expect(error.code).toBe('E_SECRET_IDENTITY')
    expect(allTextOf(error)).not.toContain('CANARY')
    expect(readFileSync(identityFile, 'utf8')).toBe('CANARY\n')
  })
})
