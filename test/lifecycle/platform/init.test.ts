import {expect, test} from '@jest/globals'

import {YamlDocumentParser} from '../../../src/adapters/documents-yaml/index.js'
import {initPlatform} from '../../../src/lifecycle/platform/init.js'
import {readPlatform} from '../../../src/lifecycle/platform/read.js'
import {failureOf} from '../../fakes/failure-of.js'
import {MemoryFiles} from '../../fakes/files.js'

const recipient = `age1${'q'.repeat(58)}`
const identityFile = '/home/ada/.config/yard/identity.txt'
const request = {directory: '/srv/platform', catalogUrl: undefined, identityFile, dryRun: false}

function world(contents: Record<string, string> = {}) {
  const asked = {recipients: 0}
  const needs = {
    files: new MemoryFiles(contents),
    documents: new YamlDocumentParser(),
    ownRecipient: async () => {
      asked.recipients += 1
      return recipient
    },
    actor: 'ada@laptop\n- evil',
  }
  return {asked, needs, read: () => readPlatform(needs, '/srv/platform/yard.yaml')}
}

test('writes a file that passes its own check, with the own recipient', async () => {
  const {needs, read} = world()

  const {text} = await initPlatform(needs, request)

  expect(await read()).toMatchObject({recipients: [recipient], environments: []})
  expect(text).toContain(`  - ${recipient} # ada@laptop?-?evil\n`)
})

test('what stands in it as a comment is valid, too', async () => {
  const {needs, read} = world()
  await initPlatform(needs, request)
  const text = needs.files.contents.get('/srv/platform/yard.yaml') ?? ''

  const uncommented = text.replace(
    /^# (?=(?: {2})*(?:[A-Za-z0-9-]+:(?: \S+)?|- (?:\S+: )?\S+|description: .*)$)/gm,
    '',
  )
  needs.files.contents.set('/srv/platform/yard.yaml', uncommented)

  expect(await read()).toMatchObject({
    catalog: {url: 'etcds://10.0.0.1:2379,10.0.0.2:2379,10.0.0.3:2379', ca: 'etcd/ca.pem'},
    environments: [
      {name: 'staging', hosts: [{name: 'web-1', zone: 'a', description: 'the first machine of staging'}]},
      {name: 'production', protected: true},
    ],
    notifications: {
      slackWebhook: 'SLACK_WEBHOOK',
      mail: {
        to: ['team@example.org'],
        smtp: {host: 'smtp.example.org', user: 'yard', password: 'SMTP_PASSWORD'},
      },
      webhooks: [{url: 'https://ci.example.org/hooks/yard'}],
    },
    hooks: {'before-deploy': [{line: './freeze-window.sh', timeoutMillis: 300_000}]},
    ssh: {user: 'deploy', proxyJump: 'bastion.example.org'},
  })
})

test('names the catalog that was given, however it is written', async () => {
  const {needs, read} = world()

  await initPlatform(needs, {...request, catalogUrl: 'sqlite:my "own": #catalog.db'})

  expect((await read()).catalog).toEqual({url: 'sqlite:my "own": #catalog.db'})
})

test('a catalog that is none leaves no file and no identity', async () => {
  const {asked, needs} = world()

  const error = await failureOf(initPlatform(needs, {...request, catalogUrl: 'etcd://ada:pw@10.0.0.1'}))

  expect(error.code).toBe('E_PLATFORM_FILE')
  expect([needs.files.contents.size, asked.recipients]).toEqual([0, 0])
})

test('never writes over another file', async () => {
  const {needs} = world({'/srv/platform/yard.yaml': 'mine'})

  expect((await failureOf(initPlatform(needs, request))).code).toBe('E_TARGET_EXISTS')
  expect(needs.files.contents.get('/srv/platform/yard.yaml')).toBe('mine')
})

test('a dry run writes nothing, and makes no identity', async () => {
  const {asked, needs} = world()

  const report = await initPlatform(needs, {...request, dryRun: true})

  expect(report.text).toContain('recipients: []')
  expect([needs.files.contents.size, asked.recipients]).toEqual([0, 0])
})

test('a dry run shows the recipient of an identity that is there', async () => {
  const {needs} = world({[identityFile]: 'AGE-SECRET-KEY-1'})

  expect(await initPlatform(needs, {...request, dryRun: true})).toMatchObject({recipient})
})
