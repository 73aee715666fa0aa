import {createHmac} from 'node:crypto'

import {afterEach, beforeEach, expect, test} from '@jest/globals'

import {WebhookNotifier} from '../../../src/adapters/notify-webhook/index.js'
import {deployEventSchema} from '../../../src/domain/deploy-event.js'
import {check} from '../../../src/domain/schema.js'
import {Secret} from '../../../src/domain/secret.js'
import {ManualClock} from '../../fakes/clock.js'
import {aDeployEvent, aFailedEvent} from '../../fakes/deploy-events.js'
import {eventually} from '../processes-local/playground.js'
import {HttpSink} from '../notify-http-sink.js'

let sink: HttpSink

beforeEach(async () => {
  sink = await HttpSink.start()
})

afterEach(async () => {
  await sink.stop()
})

const never = new AbortController().signal

function webhook(more: {secret?: Secret; path?: string} = {}): WebhookNotifier {
  const {path = '/hooks/yard?token=abc', secret} = more
  const url = new Secret(`${sink.url}${path}`)
  return new WebhookNotifier({http: sink.client, clock: new ManualClock(), url, ...(secret && {secret})})
}

test('the whole event is posted as JSON', async () => {
  const event = aFailedEvent()

  expect(await webhook().notify(event, never)).toEqual({ok: true})

  expect(sink.received).toMatchObject([
    {
      url: '/hooks/yard?token=abc',
      headers: {'content-type': 'application/json; charset=utf-8', 'yard-event': 'failed'},
    },
  ])
  const body: unknown = JSON.parse(sink.received[0]?.body ?? '')
  expect(body).toEqual(event)
  expect(check(deployEventSchema, body).ok).toBe(true)
  expect(sink.received[0]?.headers).not.toHaveProperty('yard-signature')
})

test('with a secret the body is signed together with the time', async () => {
  await webhook({secret: new Secret('correct horse')}).notify(aDeployEvent(), never)

  const [{body, headers}] = sink.received as [(typeof sink.received)[0]]
  const seconds = Date.parse('2026-11-20T12:00:00.000Z') / 1_000
  const wanted = createHmac('sha256', 'correct horse').update(`${seconds}.${body}`).digest('hex')
  expect(headers['yard-signature']).toBe(`t=${seconds},v1=${wanted}`)
})

test('it is called by its host, which is no secret', () => {
  expect(webhook().name).toBe(`The webhook at ${new URL(sink.url).host}`)
})

test.each([301, 400, 401, 500])('an answer of %d is a refusal', async (status) => {
  sink.answers = [{status, headers: {location: `${sink.url}/elsewhere`}, body: 'a token'}]

  expect(await webhook().notify(aDeployEvent(), never)).toEqual({ok: false, why: `it answers ${status}`})
  expect(sink.received).toHaveLength(1)
})

test('a long answer is not read, and is none of the deploy', async () => {
  sink.answers = [{status: 200, body: 'x'.repeat(100_000)}]

  expect(await webhook().notify(aDeployEvent(), never)).toEqual({ok: true})
})

test('one that does not answer is left when the time is over', async () => {
  sink.isSilent = true
  const deadline = new AbortController()
  const outcome = webhook().notify(aDeployEvent(), deadline.signal)
  await eventually('the request', () => sink.received.length === 1)
  deadline.abort()

  expect(await outcome).toEqual({ok: false, why: 'no answer: aborted'})
})
