import {describe, expect, test} from '@jest/globals'

import {checkServiceFile} from '../../src/domain/service-file.js'

const least = {name: 'billing', owner: 'ada', description: 'sends bills'}

function routingOf(routing: unknown) {
  const checked = checkServiceFile({...least, routing})
  if (!checked.ok) return checked.problems.map(({message, path}) => `${path.join('.')} ${message}`)
  return checked.value.routing
}

describe('routing in a service.yaml', () => {
  test('is in milliseconds, and holds only what is given', () => {
    expect(checkServiceFile(least)).toMatchObject({ok: true, value: {routing: {}}})
    expect(routingOf({timeout: '2m', retries: 0})).toEqual({responseMillis: 120_000, retries: 0})
    expect(
      routingOf({
        timeout: '90s',
        connectTimeout: '250ms',
        queueTimeout: '1s',
        maxConnections: 50,
        slowStart: '30s',
        retries: 2,
      }),
    ).toEqual({
      responseMillis: 90_000,
      connectMillis: 250,
      queueMillis: 1_000,
      maxConnections: 50,
      slowStartMillis: 30_000,
      retries: 2,
    })
    expect(routingOf({slowStart: '0s'})).toEqual({})
  })

  test.each([
    [{timeout: '2h'}, 'routing.timeout must be at most 1h'],
    [{slowStart: '61m'}, 'routing.slowStart must be at most 1h'],
    [{timeout: '0s'}, 'routing.timeout must be at least 1ms'],
    [{connectTimeout: '0ms'}, 'routing.connectTimeout must be at least 1ms'],
    [{queueTimeout: 5}, 'routing.queueTimeout must be a time such as 30s, 500ms or 2m'],
    [{timeout: '1s\n  bind *:1'}, 'routing.timeout must be a time such as 30s, 500ms or 2m'],
    [{retries: 11}, 'routing.retries must be a whole number from 0 to 10'],
    [{retries: 1.5}, 'routing.retries must be a whole number from 0 to 10'],
    [{maxConnections: 0}, 'routing.maxConnections must be a whole number from 1 to 100000'],
    [{maxConnections: '5'}, 'routing.maxConnections must be a whole number from 1 to 100000'],
    [{timeOut: '1s'}, 'routing.timeOut is not a key of service.yaml; did you mean timeout?'],
    ['fast', 'routing must be a group of keys and values'],
  ])('that says %j is refused', (routing, problem) => {
    expect(routingOf(routing)).toEqual([problem])
  })
})
