import {createHmac} from 'node:crypto'

import {type Clock} from '../../contracts/clock.js'
import {type HttpClient} from '../../contracts/http-client.js'
import {type Notifier, type NotifyOutcome} from '../../contracts/notifier.js'
import {type DeployEvent} from '../../domain/deploy-event.js'
import {type Secret} from '../../domain/secret.js'

export interface WebhookNeeds {
  http: Pick<HttpClient, 'send'>
  clock: Clock
  url: Secret
  /** What requests are signed with. */
  secret?: Secret
}

const timeoutMillis = 5_000
const maxAnswerBytes = 4_096

/**
 * Posts events as JSON. With a secret the header `Yard-Signature: t=SECONDS,v1=HEX` is the HMAC-SHA256 of the seconds, a dot
 * and the body, so that the receiver can tell both who sent it and that it's not an old one sent again.
 */
export class WebhookNotifier implements Notifier {
  readonly name: string

  constructor(private readonly needs: WebhookNeeds) {
    this.name = `The webhook at ${hostOf(needs.url.reveal())}`
  }

  async notify(event: DeployEvent, signal: AbortSignal): Promise<NotifyOutcome> {
    const {clock, http, secret, url} = this.needs
    const body = Buffer.from(JSON.stringify(event))
    const outcome = await http.send({
      method: 'POST',
      url: url.reveal(),
      headers: [
        ['content-type', 'application/json; charset=utf-8'],
        ['user-agent', 'yard'],
        ['yard-event', event.event],
        ...(secret === undefined ? [] : [signatureOf(body, secret, clock.now())]),
      ],
      body,
      timeoutMillis,
      maxBodyBytes: maxAnswerBytes,
      signal,
    })
    if (outcome.kind === 'failed') {
      // A receiver may say more than anybody wants to read: its status is all that counts.
      if (outcome.cause === 'body-too-large') return {ok: true}
      return {ok: false, why: `no answer: ${outcome.cause}`}
    }
    const {status} = outcome.response
    return status >= 200 && status < 300 ? {ok: true} : {ok: false, why: `it answers ${status}`}
  }
}

function signatureOf(body: Uint8Array, secret: Secret, now: Date): [name: string, value: string] {
  const seconds = Math.floor(now.getTime() / 1_000)
  const hmac = createHmac('sha256', secret.reveal()).update(`${seconds}.`).update(body).digest('hex')
  return ['yard-signature', `t=${seconds},v1=${hmac}`]
}

/** Paths and queries of webhooks hold tokens; the host doesn't. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'an address that is none'
}
