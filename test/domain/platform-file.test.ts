import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {checkPlatformFile} from '../../src/domain/platform-file.js'
import {hostileNames} from '../fakes/hostile-names.js'

const file = '/srv/platform/yard.yaml'
const recipient = `age1${'q'.repeat(58)}`

function problemsOf(value: unknown): string[] {
  const checked = checkPlatformFile(value, file)
  if (checked.ok) return []
  return checked.problems.map(({message, path}) => `${path.join('.')} ${message}`)
}

function platformOf(value: unknown) {
  const checked = checkPlatformFile(value, file)
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems))
  return checked.value
}

describe('a platform file that holds', () => {
  test('nothing is valid', () => {
    expect(platformOf(undefined)).toEqual({
      file,
      recipients: [],
      environments: [],
      notifications: {webhooks: []},
      ssh: {},
    })
  })

  test('everything has it filled in', () => {
    const platform = platformOf({
      catalog: {url: 'etcds://10.0.0.1:2379,10.0.0.2:2379', ca: 'ca.pem', user: 'yard'},
      recipients: [recipient, `${recipient} ada's laptop`],
      routing: {header: 'X-Service', port: 7171},
      environments: {
        staging: {hosts: {'web-1': {address: '10.0.0.11', zone: 'a', description: 'the first'}}},
        production: {protected: true, routing: {port: 80}},
        local: {routing: {port: 7272}},
      },
      notifications: {slack: {webhook: 'secret://op/vault/slack/webhook'}, mail: ['team@example.org']},
      ssh: {user: 'deploy', port: 2222, identityFile: '~/.ssh/id', proxyJump: 'ada@bastion.example.org:22'},
    })

    expect(platform).toEqual({
      file,
      catalog: {url: 'etcds://10.0.0.1:2379,10.0.0.2:2379', ca: 'ca.pem', user: 'yard'},
      recipients: [recipient, recipient],
      environments: [
        {
          name: 'staging',
          order: 1,
          protected: false,
          personal: false,
          routing: {header: 'X-Service', port: 7171},
          hosts: [{name: 'web-1', address: '10.0.0.11', zone: 'a', description: 'the first'}],
        },
        {
          name: 'production',
          order: 2,
          protected: true,
          personal: false,
          routing: {header: 'X-Service', port: 80},
          hosts: [],
        },
        {
          name: 'local',
          order: 3,
          protected: false,
          personal: false,
          routing: {header: 'X-Service', port: 7272},
          hosts: [],
        },
      ],
      notifications: {
        slackWebhook: 'secret://op/vault/slack/webhook',
        mail: {to: ['team@example.org'], smtp: {host: 'localhost', port: 25}},
        webhooks: [],
      },
      ssh: {user: 'deploy', port: 2222, identityFile: '~/.ssh/id', proxyJump: 'ada@bastion.example.org:22'},
    })
  })

  test('an environment without anything, and one with an order of its own, sorts them', () => {
    const {environments} = platformOf({environments: {late: {order: 9}, early: null, personal: {order: 1}}})

    expect(environments.map(({name, order}) => [name, order])).toEqual([
      ['personal', 1],
      ['early', 2],
      ['late', 9],
    ])
  })

  test('a catalog as a URL has it as a group', () => {
    expect(platformOf({catalog: 'sqlite:catalog.db'}).catalog).toEqual({url: 'sqlite:catalog.db'})
  })
})

describe('a platform file is refused', () => {
  test.each(hostileNames)('for an environment or a host called %j', (name) => {
    const environments = Object.fromEntries([[name, {}]])
    const hosts = Object.fromEntries([[name, {address: '10.0.0.1'}]])

    expect(problemsOf({environments})).toEqual([expect.stringMatching(/must be 1 to 40 lower-case letters/)])
    expect(problemsOf({environments: {staging: {hosts}}})).toEqual([
      expect.stringMatching(/must be 1 to 40 lower-case letters/),
    ])
  })

  test.each(['constructor', 'prototype'])('for an environment called %s, instead of losing it', (name) => {
    expect(problemsOf({environments: {[name]: {}}})).toEqual([`environments.${name} can't be a name`])
  })

  test.each([
    '010.0.0.1',
    '10.0.0.01',
    '10.0.0',
    '10.0.0.0.1',
    '256.0.0.1',
    '0x7f.0.0.1',
    '2130706433',
    '127.1',
    '::1',
    '::ffff:10.0.0.1',
    'localhost',
    '10.0.0.1 ',
    '10.0.0.1\n',
    '10.0.0.1:80',
    '10.0.0.1\n  server evil 6.6.6.6:80',
    '10.0.0.1 backup',
    '１０.0.0.1',
    '',
    7,
    null,
    ['10.0.0.1'],
  ])('for the address %j', (address) => {
    const environments = {staging: {hosts: {'web-1': {address}}}}

    expect(problemsOf({environments})).toEqual([
      expect.stringMatching(/^environments\.staging\.hosts\.web-1\.address .*IPv4/),
    ])
  })

  test.each([
    [
      'a key that is none',
      {enviroments: {}},
      'enviroments is not a key of yard.yaml; did you mean environments?',
    ],
    [
      'a key that is none inside of an environment',
      {environments: {staging: {protectd: true}}},
      'environments.staging.protectd is not a key of yard.yaml; did you mean protected?',
    ],
    [
      'a password in the URL of the catalog',
      {catalog: 'etcd://ada:secret@10.0.0.1'},
      'catalog.url must not hold a user or a password: everybody who sees the file sees it',
    ],
    ['a catalog without a URL', {catalog: {ca: 'ca.pem'}}, 'catalog.url is missing'],
    [
      'a host that is only an address',
      {environments: {staging: {hosts: {'web-1': '10.0.0.1'}}}},
      'environments.staging.hosts.web-1 must be a group of keys and values',
    ],
    [
      'a private key among the recipients',
      {recipients: ['AGE-SECRET-KEY-1QQQQ']},
      'recipients.0 must be an age public key: age1 and 58 letters and digits',
    ],
    [
      'a webhook in the open',
      {notifications: {slack: {webhook: 'https://hooks.slack.com/services/T/B/x'}}},
      'notifications.slack.webhook must be a reference such as secret://op/vault/slack/webhook, or the name of a variable: a webhook is a secret',
    ],
    ['an option of ssh as its user', {ssh: {user: '-oProxyCommand=id'}}, 'ssh.user must be such as deploy'],
    [
      'hosts of this machine',
      {environments: {local: {hosts: {}}}},
      "environments.local.hosts can't be set: local is this machine, and only its routing can be declared",
    ],
    [
      'one address for two hosts',
      {environments: {a: {hosts: {x: {address: '10.0.0.1'}, y: {address: '10.0.0.1'}}}}},
      'environments.a.hosts.y.address is the address of x, too',
    ],
    [
      'an address where no machine is',
      {environments: {a: {hosts: {x: {address: '0.0.0.0'}}}}},
      'environments.a.hosts.x.address is not the address of one machine',
    ],
    ['a list', ['staging'], ' must be a group of keys and values'],
    [
      'text where true or false belongs',
      {environments: {staging: {protected: 'yes'}}},
      'environments.staging.protected must be true or false',
    ],
  ])('for %s', (_what, value, problem) => {
    expect(problemsOf(value)).toEqual([problem])
  })

  test('with every problem at once, and never with what a secret is', () => {
    const problems = problemsOf({
      catalog: 'etcd://ada:hunter2@10.0.0.1',
      recipients: ['AGE-SECRET-KEY-1HUNTER2'],
      routng: {},
      environments: {Staging: {}, b: {order: -1, hosts: {x: {}}}},
    })

    expect(problems.map((line) => line.split(' ')[0])).toEqual([
      'routng',
      'environments.Staging',
      'catalog.url',
      'recipients.0',
      'environments.b.order',
      'environments.b.hosts.x.address',
    ])
    expect(problems.join('\n')).not.toMatch(/hunter2/i)
  })

  test('or accepted, but never with an exception', () => {
    fc.assert(
      fc.property(
        fc.object({key: fc.constantFrom('environments', 'hosts', 'catalog', 'ssh', '__proto__', 'x')}),
        (value) => {
          const checked = checkPlatformFile(value, file)
          expect(checked.ok || checked.problems.length > 0).toBe(true)
        },
      ),
    )
  })
})
