import {createHmac} from 'node:crypto'
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import path from 'node:path'

import {afterEach, beforeEach, expect, test} from '@jest/globals'

import NotificationsTest from '../../../src/commands/notifications/test.js'
import {HttpSink} from '../../adapters/notify-http-sink.js'
import {SmtpSink} from '../../adapters/notify-mail/smtp-sink.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {runCommand} from '../../fakes/run-command.js'

const here = new DirectoryHere()
let http: HttpSink
let smtp: SmtpSink

beforeEach(async () => {
  http = await HttpSink.start()
  smtp = await SmtpSink.start()
  process.env['TEST_SLACK_WEBHOOK'] = `${http.url}/services/sesame`
  process.env['TEST_HOOK_KEY'] = 'correct horse'
})

afterEach(async () => {
  delete process.env['TEST_SLACK_WEBHOOK']
  delete process.env['TEST_HOOK_KEY']
  process.exitCode = undefined
  await Promise.all([http.stop(), smtp.stop()])
})

test('tells everybody, with secrets from variables', async () => {
  here.declare(
    'notifications:',
    '  slack:',
    '    webhook: TEST_SLACK_WEBHOOK',
    '  mail:',
    '    to: [team@example.org]',
    `    smtp: {host: 127.0.0.1, port: ${smtp.port}}`,
    '  webhooks:',
    `    - {url: "${http.url}/hook", secret: TEST_HOOK_KEY}`,
  )

  const {error, stderr, stdout} = await runCommand(NotificationsTest, ['--env', 'staging'], here.state)

  expect([error, stderr]).toEqual([undefined, ''])
  const host = new URL(http.url).host
  expect(stdout).toBe(`✓ Slack\n✓ Mail to team@example.org\n✓ The webhook at ${host}\n`)
  expect(http.received.map(({url}) => url).sort()).toEqual(['/hook', '/services/sesame'])
  const hook = http.received.find(({url}) => url === '/hook')
  expect(JSON.parse(hook?.body ?? '')).toMatchObject({event: 'test', environment: 'staging'})
  expect(hook?.headers['yard-signature']).toMatch(/^t=\d+,v1=[0-9a-f]{64}$/)
  expect(smtp.mails[0]?.text).toContain('Subject: A test of the notifications of yard')
})

test('ends with 1 when somebody was not told, says why, and shows no secret', async () => {
  http.answers = [{status: 404, body: 'no_service'}]
  here.declare(
    'notifications:',
    '  slack:',
    '    webhook: TEST_SLACK_WEBHOOK',
    '  webhooks:',
    '    - url: NO_SUCH_VARIABLE',
    '    - url: TEST_HOOK_KEY',
  )

  const {stderr, stdout} = await runCommand(NotificationsTest, ['--json'], here.state)

  expect(process.exitCode).toBe(1)
  expect(JSON.parse(stdout)).toEqual({
    notifiers: [
      {name: 'Slack', outcome: 'failed', why: 'it answers 404 (no_service)'},
      {name: 'Webhook 1', outcome: 'failed', why: 'the variable NO_SUCH_VARIABLE is not set'},
      {name: 'Webhook 2', outcome: 'failed', why: 'what its place holds is not a URL of http or https'},
    ],
  })
  expect(`${stdout}${stderr}`).not.toMatch(/sesame|correct horse/)
})

test('opens references with the tool of their store, in the directory of the platform file', async () => {
  const programs = path.join(here.path, 'programs')
  mkdirSync(programs)
  const answer = `[ "$*" = "read op://team/hook/key" ] && pwd > ${here.path}/asked && echo sesame-key`
  writeFileSync(path.join(programs, 'op'), `#!/bin/sh\n${answer}\n`, {mode: 0o755})
  const before = process.env['PATH']
  process.env['PATH'] = `${programs}:${before ?? ''}`
  here.declare(
    'notifications:',
    '  webhooks:',
    `    - {url: "${http.url}/a", secret: secret://op/team/hook/key}`,
    `    - {url: "${http.url}/b", secret: secret://op/team/hook/other}`,
  )

  const {stderr, stdout} = await runCommand(NotificationsTest, [], here.state)

  process.env['PATH'] = before
  expect(readFileSync(path.join(here.path, 'asked'), 'utf8').trim()).toBe(here.path)
  expect(http.received).toHaveLength(1)
  const [{body, headers}] = http.received as [(typeof http.received)[0]]
  const [, seconds, signature] = /^t=(\d+),v1=(.*)$/.exec(String(headers['yard-signature'])) ?? []
  expect(signature).toBe(
    createHmac('sha256', 'sesame-key')
      .update(`${seconds ?? ''}.${body}`)
      .digest('hex'),
  )
  expect(stdout).toContain('✗ Webhook 2: op did not give it')
  expect(`${stdout}${stderr}`).not.toContain('sesame-key')
  expect(process.exitCode).toBe(1)
})

test('says so where nobody is told', async () => {
  expect((await runCommand(NotificationsTest, [], here.state)).stdout).toBe(
    'Nobody is told of deploys. Name who shall be under notifications in yard.yaml.\n',
  )
})

test('refuses an environment that can be none', async () => {
  const {error} = await runCommand(NotificationsTest, ['--env', '../x'], here.state)
  expect(error).toMatchObject({code: 'E_NAME_INVALID'})
})
