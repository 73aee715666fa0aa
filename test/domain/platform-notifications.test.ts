import {describe, expect, test} from '@jest/globals'

import {checkPlatformFile} from '../../src/domain/platform-file.js'

const file = '/srv/platform/yard.yaml'

function checkedWith(value: unknown) {
  const checked = checkPlatformFile(value, file)
  if (!checked.ok) return checked.problems.map(({message, path}) => `${path.join('.')} ${message}`)
  return checked.value
}

test('who is told and what is run has what is usual filled in', () => {
  const platform = checkedWith({
    notifications: {
      mail: {
        to: ['a@example.org'],
        from: 'yard@example.org',
        smtp: {host: 'smtp.example.org', user: 'yard', password: 'SMTP_PASSWORD'},
      },
      webhooks: [{url: 'https://ci.example.org/yard', secret: 'secret://op/v/hook/key'}, {url: 'HOOK_URL'}],
    },
    hooks: {onFailure: ['./page.sh'], afterDeploy: []},
  })

  expect(platform).toMatchObject({
    notifications: {
      mail: {
        to: ['a@example.org'],
        from: 'yard@example.org',
        smtp: {host: 'smtp.example.org', port: 587, user: 'yard', password: 'SMTP_PASSWORD'},
      },
      webhooks: [{url: 'https://ci.example.org/yard', secret: 'secret://op/v/hook/key'}, {url: 'HOOK_URL'}],
    },
    hooks: {'on-failure': [{line: './page.sh', timeoutMillis: 300_000}]},
  })
  expect(platform).not.toHaveProperty('hooks.after-deploy')
  expect(checkedWith({notifications: {mail: []}})).toMatchObject({notifications: {webhooks: []}})
  expect(checkedWith({notifications: {mail: []}})).not.toHaveProperty('notifications.mail')
})

describe('a platform file is refused', () => {
  test.each([
    [
      'an address of mail that is none',
      {notifications: {mail: {to: ['team']}}},
      'notifications.mail.to.0 must be a mail address',
    ],
    [
      'mail that is neither a list nor a group',
      {notifications: {mail: 'team@example.org'}},
      'notifications.mail must be a group of keys and values',
    ],
    [
      'a user of mail without a password',
      {notifications: {mail: {to: ['a@b.org'], smtp: {host: 'smtp.example.org', user: 'yard'}}}},
      'notifications.mail.smtp.user has no password beside it',
    ],
    [
      'a password of mail without a user',
      {notifications: {mail: {to: ['a@b.org'], smtp: {host: 'smtp.example.org', password: 'PASSWORD'}}}},
      'notifications.mail.smtp.password has no user beside it',
    ],
    [
      'a password in the open',
      {
        notifications: {
          mail: {to: ['a@b.org'], smtp: {host: 's.example.org', user: 'y', password: 'hunter2!'}},
        },
      },
      'notifications.mail.smtp.password must be a reference such as secret://op/vault/smtp/password, or the name of a variable: a password is a secret',
    ],
    [
      'an option in place of a mail server',
      {notifications: {mail: {to: ['a@b.org'], smtp: {host: '-oProxyCommand=x'}}}},
      'notifications.mail.smtp.host must be the name of a mail server',
    ],
    [
      'a password in the URL of a webhook',
      {notifications: {webhooks: [{url: 'https://ada:pw@example.org/x'}]}},
      'notifications.webhooks.0.url must be a URL such as https://ci.example.org/hooks/yard, a reference, or the name of a variable',
    ],
    [
      'an unknown key in a list',
      {notifications: {webhooks: [{url: 'https://example.org', secrt: 'X'}]}},
      'notifications.webhooks.0.secrt is not a key of yard.yaml; did you mean secret?',
    ],
    [
      'a hook without a line',
      {hooks: {beforeDeploy: [{timeout: '1s'}]}},
      'hooks.beforeDeploy.0.run is missing',
    ],
    [
      'a hook that may take all day',
      {hooks: {beforeDeploy: [{run: 'x', timeout: '2h'}]}},
      'hooks.beforeDeploy.0.timeout must be at most 1h',
    ],
  ])('for %s', (_what, value, problem) => {
    expect(checkedWith(value)).toEqual([problem])
  })
})
