import {afterEach, beforeEach, expect, test} from '@jest/globals'

import {SlackNotifier} from '../../../src/adapters/notify-slack/index.js'
import {Secret} from '../../../src/domain/secret.js'
import {ManualClock} from '../../fakes/clock.js'
import {aDeployEvent, aFailedEvent} from '../../fakes/deploy-events.js'
import {eventually} from '../processes-local/playground.js'
import {HttpSink} from '../notify-http-sink.js'

let sink: HttpSink
let clock: ManualClock
let slack: SlackNotifier

beforeEach(async () => {
  sink = await HttpSink.start()
  clock = new ManualClock()
  slack = new SlackNotifier({http: sink.client, clock, webhook: new Secret(`${sink.url}/services/T/B/token`)})
})

afterEach(async () => {
  await sink.stop()
})

const never = new AbortController().signal

interface Message {
  text: string
  blocks: {type: string; text: {type: string; text: string}}[]
}

function messages(): Message[] {
  return sink.received.map(({body}) => JSON.parse(body) as Message)
}

test('a message says what people want to know', async () => {
  expect(await slack.notify(aFailedEvent(), never)).toEqual({ok: true})

  expect(sink.received).toMatchObject([
    {url: '/services/T/B/token', headers: {'content-type': 'application/json; charset=utf-8'}},
  ])
  const [{blocks, text}] = messages() as [Message]
  expect(text).toBe('billing-r42 did not go live in production')
  expect(blocks.map((block) => block.text.text)).toEqual([
    [
      '*billing-r42 did not go live in production*',
      'Deploy 128 by ada@laptop: main at 0123456, in place of billing-r41',
      'Step: health',
      'Why: web-2: GET /readyz answers 503',
      'web-2: GET /readyz answers 503',
      'billing-r41 has the traffic.',
      'Took 30 s',
    ].join('\n'),
    '```starting\nno database```',
  ])
})

test('output can neither call people, nor make links, nor end its block, nor be too long', async () => {
  const lastLines = [...Array.from({length: 20}, () => 'y'.repeat(480)), '<!channel> & ```*bold*']
  await slack.notify(aFailedEvent({lastLines}), never)

  const [{blocks}] = messages() as [Message]
  const block = blocks[1]?.text.text ?? ''
  expect(block.endsWith("\n&lt;!channel&gt; &amp; '''*bold*```")).toBe(true)
  expect(block.slice(3, -3)).not.toContain('`')
  expect(block.length).toBeLessThan(3_000)
})

test('a request to wait is followed once', async () => {
  sink.answers = [{status: 429, headers: {'retry-after': '2'}}, {status: 200}]
  const outcome = slack.notify(aDeployEvent(), never)
  await eventually('its pause', () => clock.sleeping === 1)
  expect(sink.received).toHaveLength(1)

  await clock.advance(2_000)

  expect(await outcome).toEqual({ok: true})
  expect(sink.received).toHaveLength(2)
})

test('a second request to wait is not followed', async () => {
  sink.answers = [{status: 429, headers: {'retry-after': '1'}}]
  const outcome = slack.notify(aDeployEvent(), never)
  await eventually('its pause', () => clock.sleeping === 1)
  await clock.advance(1_000)

  expect(await outcome).toEqual({ok: false, why: 'it answers 429'})
  expect(sink.received).toHaveLength(2)
})

test('a request to wait longer than a deploy would is not followed', async () => {
  sink.answers = [{status: 429, headers: {'retry-after': '30'}}]

  expect(await slack.notify(aDeployEvent(), never)).toEqual({
    ok: false,
    why: 'it asks to be left alone for 30 s',
  })
  expect(sink.received).toHaveLength(1)
})

test('a refusal is told in its own word, and nothing else of its answer', async () => {
  sink.answers = [{status: 404, body: 'no_service'}]
  expect(await slack.notify(aDeployEvent(), never)).toEqual({ok: false, why: 'it answers 404 (no_service)'})

  sink.answers = [{status: 500, body: '<html>token</html>'}]
  expect(await slack.notify(aDeployEvent(), never)).toEqual({ok: false, why: 'it answers 500'})
})

test('one that is gone, or does not answer in time, is told without its secret address', async () => {
  sink.isSilent = true
  const deadline = new AbortController()
  const outcome = slack.notify(aDeployEvent(), deadline.signal)
  await eventually('the request', () => sink.received.length === 1)
  deadline.abort()
  expect(await outcome).toEqual({ok: false, why: 'no answer: aborted'})

  await sink.stop()
  expect(await slack.notify(aDeployEvent(), never)).toEqual({ok: false, why: 'no answer: refused'})
})
