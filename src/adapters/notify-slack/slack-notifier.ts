// Slack's incoming webhooks, by their documentation: `ok` with 200; a word such as `no_service` with 4xx; 429 with
// Retry-After in seconds. Text is mrkdwn, in which &, < and > are written as entities.
import {type Clock} from '../../contracts/clock.js'
import {type HttpClient, type HttpOutcome, type HttpResponse} from '../../contracts/http-client.js'
import {type Notifier, type NotifyOutcome} from '../../contracts/notifier.js'
import {type DeployEvent} from '../../domain/deploy-event.js'
import {type Notice, noticeOf} from '../../domain/notice.js'
import {type Secret} from '../../domain/secret.js'

export interface SlackNeeds {
  http: Pick<HttpClient, 'send'>
  clock: Clock
  /** The URL of the webhook. */
  webhook: Secret
}

const timeoutMillis = 5_000
const maxAnswerBytes = 4_096
/** Slack refuses longer sections. */
const mostCharacters = 2_900

/** Tells a channel of Slack. */
export class SlackNotifier implements Notifier {
  readonly name = 'Slack'

  constructor(private readonly needs: SlackNeeds) {}

  async notify(event: DeployEvent, signal: AbortSignal): Promise<NotifyOutcome> {
    const body = Buffer.from(JSON.stringify(messageOf(noticeOf(event))))
    const first = await this.send(body, signal)
    const pauseMillis = first.kind === 'response' ? pauseOf(first.response) : undefined
    if (pauseMillis === undefined) return outcomeOf(first)
    if (pauseMillis >= timeoutMillis) {
      return {ok: false, why: `it asks to be left alone for ${pauseMillis / 1_000} s`}
    }
    try {
      await this.needs.clock.sleep(pauseMillis, signal)
    } catch {
      return {ok: false, why: 'it asked to wait, and the time was over'}
    }
    return outcomeOf(await this.send(body, signal))
  }

  private send(body: Uint8Array, signal: AbortSignal): Promise<HttpOutcome> {
    return this.needs.http.send({
      method: 'POST',
      url: this.needs.webhook.reveal(),
      headers: [
        ['content-type', 'application/json; charset=utf-8'],
        ['user-agent', 'yard'],
      ],
      body,
      timeoutMillis,
      maxBodyBytes: maxAnswerBytes,
      signal,
    })
  }
}

/** Undefined unless it wants to be asked again later. */
function pauseOf({headers, status}: HttpResponse): number | undefined {
  if (status !== 429) return undefined
  const given = headers.find(([name]) => name.toLowerCase() === 'retry-after')?.[1] ?? ''
  const seconds = /^\d{1,6}$/.test(given) ? Number(given) : 1
  return seconds * 1_000
}

/** Never with the URL, which is the secret. */
function outcomeOf(outcome: HttpOutcome): NotifyOutcome {
  if (outcome.kind === 'failed') return {ok: false, why: `no answer: ${outcome.cause}`}
  const {body, status} = outcome.response
  if (status >= 200 && status < 300) return {ok: true}
  const word = /^[a-z_]{1,60}$/.exec(Buffer.from(body).toString('latin1').trim())?.[0]
  return {ok: false, why: `it answers ${status}${word === undefined ? '' : ` (${word})`}`}
}

function messageOf({excerpt, facts, title}: Notice): object {
  const sections = [`*${escaped(title)}*\n${escaped(facts.join('\n'))}`]
  if (excerpt.length > 0) sections.push(`\`\`\`${codeOf(excerpt)}\`\`\``)
  return {
    // What notifications on a phone show.
    text: escaped(title),
    blocks: sections.map((text) => ({type: 'section', text: {type: 'mrkdwn', text}})),
  }
}

/** The last lines that fit, without what would end the block. */
function codeOf(lines: readonly string[]): string {
  const kept: string[] = []
  let length = 0
  for (const line of [...lines].reverse()) {
    const safe = escaped(line.replaceAll('`', "'"))
    if (length + safe.length + 1 > mostCharacters) break
    length += safe.length + 1
    kept.unshift(safe)
  }
  return kept.join('\n')
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .slice(0, mostCharacters)
}
