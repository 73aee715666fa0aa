import path from 'node:path'

import {MailNotifier} from '../adapters/notify-mail/index.js'
import {SlackNotifier} from '../adapters/notify-slack/index.js'
import {WebhookNotifier} from '../adapters/notify-webhook/index.js'
import {type Notifier} from '../contracts/notifier.js'
import {type NotifiedMail, type NotifiedWebhook} from '../domain/platform-notifications.js'
import {type Platform, platformFileName} from '../domain/platform-file.js'
import {referenceStart} from '../domain/secret-reference.js'
import {Secret} from '../domain/secret.js'
import {YardError} from '../errors.js'
import {type HookSettings} from '../lifecycle/hooks/run-hooks.js'
import {type Announcer, NotifierAnnouncer, type OpenedNotifier} from '../lifecycle/notify/announcer.js'
import {resolveReference} from '../lifecycle/secrets/resolve-reference.js'
import {toolVariables} from './secret-opener.js'
import {type Yard} from './yard.js'

/** Tells those whom the platform file names of a deploy; nobody where there is no such file. */
export function announcerOf(yard: Yard): Announcer {
  const {clock, report} = yard
  return new NotifierAnnouncer({clock, report, openNotifiers: (signal) => openNotifiers(yard, signal)})
}

/** What hooks are run with, and those of the platform file. */
export async function hookSettings(yard: Yard): Promise<HookSettings> {
  const platform = await yard.platform()
  return {
    variables: variablesOfYard(process.env),
    ...(platform?.hooks !== undefined && {
      platform: {
        from: platformFileName,
        hooks: platform.hooks,
        directory: () => Promise.resolve(path.dirname(platform.file)),
      },
    }),
  }
}

/** Everybody whom the platform file names. One whose secret can't be opened keeps nobody else from being told. */
export async function openNotifiers(yard: Yard, signal: AbortSignal): Promise<OpenedNotifier[]> {
  const platform = await yard.platform()
  if (platform === undefined) return []
  const {mail, slackWebhook, webhooks} = platform.notifications
  const open = (place: string) => openSecret(yard, platform, place, signal)
  return Promise.all([
    ...(slackWebhook === undefined ? [] : [unlessRefused('Slack', () => slack(yard, open, slackWebhook))]),
    ...(mail === undefined
      ? []
      : [unlessRefused(`Mail to ${mail.to.join(', ')}`, () => mailNotifier(open, mail))]),
    ...webhooks.map((webhook, index) =>
      unlessRefused(`Webhook ${index + 1}`, () => webhookNotifier(yard, open, webhook)),
    ),
  ])
}

type Opener = (place: string) => Promise<Secret>

async function slack(yard: Yard, open: Opener, place: string): Promise<Notifier> {
  const webhook = webUrl(await open(place))
  return new SlackNotifier({http: await yard.http(), clock: yard.clock, webhook})
}

async function mailNotifier(open: Opener, {from, smtp, to}: NotifiedMail): Promise<Notifier> {
  const {host, password, port, user} = smtp
  return new MailNotifier({
    ...{to, host, port},
    ...(from !== undefined && {from}),
    ...(user !== undefined && password !== undefined && {login: {user, password: await open(password)}}),
  })
}

async function webhookNotifier(yard: Yard, open: Opener, given: NotifiedWebhook): Promise<Notifier> {
  const url = webUrl(/^https?:/.test(given.url) ? new Secret(given.url) : await open(given.url))
  return new WebhookNotifier({
    ...{http: await yard.http(), clock: yard.clock, url},
    ...(given.secret !== undefined && {secret: await open(given.secret)}),
  })
}

async function unlessRefused(name: string, make: () => Promise<Notifier>): Promise<OpenedNotifier> {
  try {
    return await make()
  } catch (error) {
    return {name, problem: error instanceof YardError ? error.why : messageOf(error)}
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** A reference, or the name of a variable of this program. */
async function openSecret(
  yard: Yard,
  platform: Platform,
  place: string,
  signal: AbortSignal,
): Promise<Secret> {
  if (place.startsWith(referenceStart)) {
    const needs = {commands: await yard.commands(), toolVariables: toolVariables()}
    const request = {reference: place, directory: path.dirname(platform.file), signal}
    return new Secret(await resolveReference(needs, request))
  }
  const value = process.env[place]
  if (value !== undefined && value !== '') return new Secret(value)
  throw new YardError('E_SECRET_REFERENCE', {
    what: `Can't open ${place}`,
    why: `the variable ${place} is not set`,
    next: [`export ${place}=…`],
  })
}

/** Never says what it holds instead. */
function webUrl(secret: Secret): Secret {
  const url = secret.reveal()
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return secret
  throw new YardError('E_SECRET_REFERENCE', {
    what: "Can't use this webhook",
    why: 'what its place holds is not a URL of http or https',
    next: ['correct it and run the command again'],
  })
}

/** Where yard has its catalog and its files, for a hook that calls it; passwords and tokens are not among it. */
function variablesOfYard(variables: NodeJS.ProcessEnv): Record<string, string> {
  const kept = Object.entries(variables).filter(([name]) => ofYard.test(name))
  return Object.fromEntries(kept.map(([name, value]) => [name, value ?? '']))
}

const ofYard =
  /^YARD_(?:STATE_DIR|PLATFORM|IDENTITY|CATALOG|CATALOG_(?:CA|CERTIFICATE|KEY|USER|PASSWORD_FILE)|TOKEN_FILE)$/
