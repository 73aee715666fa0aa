import {afterEach, describe, expect, test} from '@jest/globals'

import {YardError} from '../../../src/errors.js'
import {cleanUp, failureOf, failuresOf, run, serve, until} from '../../fakes/smoke-run.js'
import {sendJson} from '../../fakes/smoke-server.js'

afterEach(cleanUp)

describe('retries', () => {
  test('go on until the checks hold, and every attempt is kept', async () => {
    const server = await serve(({count}, response) =>
      sendJson(response, {ready: count > 3}, count > 2 ? 200 : 503),
    )

    const report = await run(server, {
      'a.hurl': `GET {{base_url}}/
[Options]
retry: 5
retry-interval: 10ms
HTTP 200
[Asserts]
jsonpath "$.ready" == true`,
    })

    expect(report.outcome).toBe('passed')
    expect(report.files[0]?.steps[0]?.attempts.map(({status, failures}) => [status, failures])).toEqual([
      [503, 2],
      [503, 2],
      [200, 1],
      [200, 0],
    ])
  })

  test('do not happen unless asked for', async () => {
    const server = await serve((_, response) => response.writeHead(503).end())

    await run(server, {'a.hurl': 'POST {{base_url}}/\nHTTP 200'})

    expect(server.requests).toHaveLength(1)
  })

  test('without end are over when the run is', async () => {
    const server = await serve((_, response) => response.writeHead(503).end())
    const started = performance.now()

    const report = await run(
      server,
      {'a.hurl': 'GET {{base_url}}/\n[Options]\nretry: -1\nretry-interval: 20ms\nHTTP 200'},
      {runTimeoutMillis: 300},
    )

    expect(report.outcome).toBe('failed')
    expect(report.files[0]?.steps[0]?.notes).toEqual(['no time was left for another try (0.3 s a run)'])
    expect(performance.now() - started).toBeLessThan(9_000)
  })
})

describe('deadlines', () => {
  test('end a request that is never answered, and say in which phase', async () => {
    const server = await serve(() => undefined)
    const started = performance.now()

    const report = await run(server, {'a.hurl': 'GET {{base_url}}/\nHTTP 200'}, {requestTimeoutMillis: 150})

    expect(failuresOf(report)).toEqual([
      '1:5 request: a response / timed out while waiting for the first byte (0.15 s a request)',
    ])
    expect(report.outcome).toBe('failed')
    expect(performance.now() - started).toBeLessThan(9_000)
  })

  test('end a body that drips', async () => {
    const server = await serve((_, response) => {
      const timer = setInterval(() => response.write('x'), 20)
      response.on('close', () => clearInterval(timer))
    })

    const report = await run(server, {'a.hurl': 'GET {{base_url}}/\nHTTP 200'}, {runTimeoutMillis: 200})

    expect(failuresOf(report)).toEqual([
      '1:5 request: a response / timed out while reading the body (0.2 s a run)',
    ])
  })

  test('hold for a delay, too', async () => {
    const server = await serve((_, response) => response.end())

    const report = await run(
      server,
      {'a.hurl': 'GET {{base_url}}/\n[Options]\ndelay: 1h\nHTTP 200'},
      {runTimeoutMillis: 200},
    )

    expect(failuresOf(report)).toEqual([
      '1:5 request: a response / the run was out of time before its delay (0.2 s a run)',
    ])
  })

  test('an interrupted run ends at once with the reason', async () => {
    const server = await serve(() => undefined)
    const controller = new AbortController()
    const reason = new YardError('E_INTERRUPTED', {what: 'Stopped', why: 'Ctrl-C', next: ['again']})

    const running = run(server, {'a.hurl': 'GET {{base_url}}/\nHTTP 200'}, {}, {signal: controller.signal})
    await until(() => server.requests.length === 1)
    controller.abort(reason)

    expect(await failureOf(running)).toBe(reason)
  })
})
