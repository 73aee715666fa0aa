import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import {afterAll, afterEach, beforeAll, describe, expect, test} from '@jest/globals'

import {MailNotifier, type MailSettings} from '../../../src/adapters/notify-mail/index.js'
import {Secret} from '../../../src/domain/secret.js'
import {aDeployEvent, aDeployRecord, aFailedEvent} from '../../fakes/deploy-events.js'
import {makeCertificate} from '../haproxy-playground.js'
import {eventually} from '../processes-local/playground.js'
import {type SinkSettings, SmtpSink} from './smtp-sink.js'

let sink: SmtpSink | undefined
let directory: string

beforeAll(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'yard-mail-'))
})

afterAll(() => {
  rmSync(directory, {recursive: true, force: true})
})

afterEach(async () => {
  await sink?.stop()
})

function selfSigned(): {key: string; cert: string} {
  const pem = readFileSync(makeCertificate(directory, 'localhost'), 'utf8')
  return {key: pem, cert: pem}
}

const never = new AbortController().signal

async function world(settings: SinkSettings = {}, more: Partial<MailSettings> = {}) {
  sink = await SmtpSink.start(settings)
  const place = {to: ['team@example.org', 'boss@example.org'], host: '127.0.0.1', port: sink.port}
  return {sink, notifier: new MailNotifier({...place, from: 'yard@example.org', ...more})}
}

const login = {user: 'yard', password: 'correct horse'}

describe('a mail', () => {
  test('goes to everybody, in plain words', async () => {
    const {notifier, sink: server} = await world()

    expect(await notifier.notify(aFailedEvent(), never)).toEqual({ok: true})

    expect(server.mails).toMatchObject([
      {from: 'yard@example.org', to: ['team@example.org', 'boss@example.org']},
    ])
    const text = server.mails[0]?.text ?? ''
    expect(text).toContain('Subject: billing-r42 did not go live in production')
    expect(text).toContain('Auto-Submitted: auto-generated')
    expect(text).toContain('Step: health\nWhy: web-2: GET /readyz answers 503\n')
    expect(text).toContain('Last lines:\n    starting\n    no database')
  })

  test('has no headers and no commands of those who deploy', async () => {
    const {notifier, sink: server} = await world()
    const record = aDeployRecord({by: 'eve\r\nBcc: eve@example.org', ref: '\r\n.\r\nMAIL FROM:<x>'})

    await notifier.notify(aDeployEvent({record}), never)

    expect(server.mails).toHaveLength(1)
    expect(server.mails[0]?.to).toEqual(['team@example.org', 'boss@example.org'])
    expect(server.mails[0]?.text.split('\n\n')[0]).not.toContain('eve')
  })

  test('is sent after a login where there is one', async () => {
    const {notifier, sink: server} = await world(
      {login},
      {login: {user: login.user, password: new Secret(login.password)}},
    )

    expect(await notifier.notify(aDeployEvent(), never)).toEqual({ok: true})
    expect(server.mails).toMatchObject([{user: 'yard'}])
  })
})

test('the mail server of this machine need not be trusted by a certificate', async () => {
  const {notifier, sink: server} = await world({certificate: selfSigned()})

  expect(await notifier.notify(aDeployEvent(), never)).toEqual({ok: true})
  expect(server.mails).toMatchObject([{isEncrypted: false}])
})

describe('a mail that does not go', () => {
  test('says so for a login that is refused, without the password that the server repeats', async () => {
    const {notifier, sink: server} = await world(
      {login},
      {login: {user: 'yard', password: new Secret('guess')}},
    )

    expect(await notifier.notify(aDeployEvent(), never)).toEqual({
      ok: false,
      why: `127.0.0.1:${server.port}: the login was refused`,
    })
  })

  test('names the address that was refused; the others get it', async () => {
    const {notifier, sink: server} = await world({refusedAddress: 'boss@example.org'})

    expect(await notifier.notify(aDeployEvent(), never)).toEqual({
      ok: false,
      why: 'boss@example.org was refused',
    })
    expect(server.mails).toMatchObject([{to: ['team@example.org']}])
  })

  test('says so where nobody listens', async () => {
    const {notifier, sink: server} = await world()
    const {port} = server
    await server.stop()

    expect(await notifier.notify(aDeployEvent(), never)).toEqual({
      ok: false,
      why: `127.0.0.1:${port}: nobody listens there`,
    })
  })

  test('says so for a server that nobody knows', async () => {
    const {notifier, sink: server} = await world({}, {host: 'mail.invalid'})

    expect(await notifier.notify(aDeployEvent(), never)).toEqual({
      ok: false,
      why: `mail.invalid:${server.port}: there is no such server`,
    })
  })

  test('never had its password in the clear on the way to another machine', async () => {
    // Another name of this machine, as seen from here.
    const account = {host: '0.0.0.0', login: {user: login.user, password: new Secret(login.password)}}
    const {notifier, sink: server} = await world({login}, account)

    expect(await notifier.notify(aDeployEvent(), never)).toEqual({
      ok: false,
      why: `0.0.0.0:${server.port}: it offers no encryption, or none that can be trusted`,
    })
    expect(server.heard).not.toContain('AUTH')
    expect(server.mails).toEqual([])
  })

  test('was not for a server whose certificate anybody can make', async () => {
    const certificate = selfSigned()
    const account = {host: '0.0.0.0', login: {user: login.user, password: new Secret(login.password)}}
    const {notifier, sink: server} = await world({certificate, login}, account)

    expect(await notifier.notify(aDeployEvent(), never)).toEqual({
      ok: false,
      why: `0.0.0.0:${server.port}: it offers no encryption, or none that can be trusted`,
    })
    expect(server.heard).not.toContain('AUTH')
  })

  test('is given up when the time for it is over', async () => {
    const {notifier, sink: server} = await world({isSilent: true})
    const deadline = new AbortController()
    const outcome = notifier.notify(aDeployEvent(), deadline.signal)
    await eventually('the connection', () => server.connections === 1)
    deadline.abort()

    expect(await outcome).toMatchObject({ok: false, why: expect.stringContaining('the time for it was over')})
  })
})
