import assert from 'node:assert/strict'
import {test} from 'node:test'

import {serviceName} from '../src/app.js'
import {testApp} from './support.js'

const traceId = '0af7651916cd43dd8448eb211c80319c'

test('writes one line per request and continues its ids', async () => {
  const {app, log} = testApp()
  const traceparent = `00-${traceId}-b7ad6b7169203331-01`

  const answer = await app.inject({url: '/greetings/Ada', headers: {'yard-request-id': 'req-7', traceparent}})

  assert.equal(answer.headers['yard-request-id'], 'req-7')
  assert.equal(log().length, 1)
  const {time, ms, ...line} = log()[0] ?? {}
  assert.ok(typeof ms === 'number' && typeof time === 'string')
  assert.deepEqual(line, {
    level: 'info',
    service: serviceName,
    release: 'test-r1',
    request_id: 'req-7',
    trace_id: traceId,
    method: 'GET',
    route: '/greetings/:name',
    status: 200,
    msg: 'request',
  })
})

test('replaces ids that are not valid', async () => {
  const {app, log} = testApp()
  const traceparent = `00-${'0'.repeat(32)}-b7ad6b7169203331-01`

  await app.inject({url: '/nowhere', headers: {'yard-request-id': 'a b"c', traceparent}})

  const [line] = log().filter(({msg}) => msg === 'request')
  assert.match(String(line?.['request_id']), /^[0-9a-f-]{36}$/)
  assert.match(String(line?.['trace_id']), /^(?!0{32})[0-9a-f]{32}$/)
})

test('logs probes at level debug', async () => {
  const {app, log} = testApp()

  await app.inject('/livez')

  assert.equal(log()[0]?.['level'], 'debug')
})
