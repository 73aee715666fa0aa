import * as v from 'valibot'

import {described, group, line, list, portNumber} from './declared-schema.js'

/** Who is told of deploys, with the usual values filled in. */
export interface Notifications {
  /** A reference to the URL, or the name of a variable with it. */
  slackWebhook?: string
  mail?: NotifiedMail
  webhooks: NotifiedWebhook[]
}

export interface NotifiedMail {
  to: string[]
  /** Absent: yard at this machine. */
  from?: string
  smtp: {host: string; port: number; user?: string; password?: string}
}

export interface NotifiedWebhook {
  /** A URL, a reference to one, or the name of a variable with it. */
  url: string
  /** What requests are signed with: a reference, or the name of a variable. */
  secret?: string
}

/** A secret stands in no file: what stands there tells where it is. */
const secretPlace = (example: string, what: string) => {
  const message = `must be a reference such as ${example}, or the name of a variable`
  return v.pipe(
    v.string(message),
    v.maxLength(1_000, 'must be at most 1000 characters'),
    v.regex(
      /^(?:secret:\/\/[a-z]+\/[^\s\u0000-\u001f\u007f]+|[A-Z_][A-Z0-9_]{0,127})$/,
      `${message}: ${what} is a secret`,
    ),
  )
}

const webhookMessage =
  'must be a URL such as https://ci.example.org/hooks/yard, a reference, or the name of a variable'

const webhookUrl = v.pipe(
  v.string(webhookMessage),
  v.maxLength(1_000, 'must be at most 1000 characters'),
  v.regex(
    /^(?:https?:\/\/[^\s@\u0000-\u001f\u007f]+|secret:\/\/[a-z]+\/[^\s\u0000-\u001f\u007f]+|[A-Z_][A-Z0-9_]{0,127})$/,
    webhookMessage,
  ),
)

const mailAddress = v.pipe(
  v.string('must be a mail address'),
  v.maxLength(254, 'must be at most 254 characters'),
  v.regex(/^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*$/, 'must be a mail address'),
)

const mailServer = v.pipe(
  v.string('must be the name of a mail server'),
  v.maxLength(253, 'must be at most 253 characters'),
  v.regex(/^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/, 'must be the name of a mail server'),
)

const mailAddresses = list(mailAddress)

const mailGroup = group({
  to: described(mailAddresses, 'Mail addresses.'),
  from: v.optional(described(mailAddress, 'The sender. yard at the machine that deploys unless given.')),
  smtp: v.optional(
    described(
      group({
        host: described(mailServer, 'The mail server.'),
        port: v.optional(
          described(portNumber, '587 where there is a user, else 25. On 465 all of it is encrypted.'),
        ),
        user: v.optional(described(line('yard@example.org'), 'Whom to log in as.')),
        password: v.optional(
          described(
            secretPlace('secret://op/vault/smtp/password', 'a password'),
            'A secret reference, or the name of a variable with it.',
          ),
        ),
      }),
      'How mail is sent. The mail server of the machine that deploys unless given.',
    ),
  ),
})

const slack = group({
  webhook: described(
    secretPlace('secret://op/vault/slack/webhook', 'a webhook'),
    'A secret reference, or the name of a variable with it.',
  ),
})

const webhooks = list(
  group({
    url: described(webhookUrl, 'Gets each event as JSON, by POST. A URL that holds a token is a secret.'),
    secret: v.optional(
      described(
        secretPlace('secret://op/vault/hook/key', 'what signs a request'),
        'What requests are signed with: a secret reference, or the name of a variable.',
      ),
    ),
  }),
  20,
)

/** `notifications:` as it is written. */
export const writtenNotifications = group({
  slack: v.optional(described(slack, 'A channel of Slack.')),
  mail: v.optional(
    described(v.union([mailAddresses, mailGroup]), 'Mail addresses, or a group with them and how to send.'),
  ),
  webhooks: v.optional(described(webhooks, 'Programs that are told.')),
})

/** The same with mail always as a group: problems in it then have a place. */
export const normalNotifications = group({
  slack: v.optional(slack),
  mail: v.optional(mailGroup),
  webhooks: v.optional(webhooks),
})

export type WrittenNotifications = v.InferOutput<typeof normalNotifications>

/** A platform file with mail as a group, where it may be a list alone. */
export function withMailGroup(file: object): object {
  const {notifications} = file as {notifications?: unknown}
  if (typeof notifications !== 'object' || notifications === null) return file
  const {mail} = notifications as {mail?: unknown}
  return Array.isArray(mail) ? {...file, notifications: {...notifications, mail: {to: mail}}} : file
}

export function notificationsOf({
  mail,
  slack: given,
  webhooks = [],
}: WrittenNotifications = {}): Notifications {
  return {
    ...(given !== undefined && {slackWebhook: given.webhook}),
    ...(mail !== undefined && mail.to.length > 0 && {mail: mailOf(mail)}),
    webhooks: webhooks.map(({secret, url}) => ({url, ...(secret !== undefined && {secret})})),
  }
}

function mailOf({from, smtp, to}: NonNullable<WrittenNotifications['mail']>): NotifiedMail {
  const {host = 'localhost', password, port, user} = smtp ?? {}
  return {
    to,
    ...(from !== undefined && {from}),
    smtp: {
      host,
      port: port ?? (user === undefined ? 25 : 587),
      ...(user !== undefined && {user}),
      ...(password !== undefined && {password}),
    },
  }
}
