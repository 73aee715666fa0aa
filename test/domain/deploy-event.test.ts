import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {deployEventSchema} from '../../src/domain/deploy-event.js'
import {check} from '../../src/domain/schema.js'
import {Redactor} from '../../src/domain/smoke/secrets.js'
import {aDeployEvent, aDeployRecord, aFailedEvent} from '../fakes/deploy-events.js'
import {aCommit} from '../fakes/records.js'

test('the first event of a deploy holds what is known of it', () => {
  expect(aDeployEvent()).toEqual({
    v: 1,
    event: 'started',
    at: '2026-11-20T12:00:30.000Z',
    service: 'billing',
    environment: 'production',
    deploy: 128,
    kind: 'deploy',
    release: 'billing-r42',
    before: 'billing-r41',
    ref: 'main',
    commit: aCommit,
    dirty: false,
    by: 'ada@laptop',
    host: 'laptop',
    startedAt: '2026-11-20T12:00:00.000Z',
    durationMillis: 30_000,
  })
})

test('a failure names its step, its hosts, who has the traffic, and the last lines', () => {
  expect(aFailedEvent()).toMatchObject({
    event: 'failed',
    outcome: 'failed',
    failedStep: 'health',
    failedHosts: [{host: 'web-2', why: 'GET /readyz answers 503'}],
    why: 'web-2: GET /readyz answers 503',
    live: 'billing-r41',
    lastLines: ['starting', 'no database'],
  })
})

test('output loses what a terminal would act on, and what is a secret', () => {
  const redactor = new Redactor(['correct horse'])
  const lastLines = [
    '\u001b[31mred\u001b[0m \u202eturned',
    'it is correct horse',
    'postgres://app:hunter2@db.internal/app',
    'Authorization: Bearer abcdef123456',
  ]
  const {lastLines: told, why} = aFailedEvent({
    record: aDeployRecord({outcome: 'failed', why: 'DB_PASSWORD=hunter2 is wrong'}),
    lastLines,
    hide: (text) => redactor.redact(text),
  })

  expect(told).toEqual([
    ' [31mred [0m  turned',
    'it is ***',
    'postgres://app:***@db.internal/app',
    'Authorization: Bearer ***',
  ])
  expect(why).toBe('DB_PASSWORD=*** is wrong')
})

test('only the last 50 lines are told, each cut', () => {
  const lastLines = Array.from({length: 60}, (_, index) => `${index} ${'x'.repeat(1_000)}`)
  const told = aFailedEvent({lastLines}).lastLines ?? []

  expect(told).toHaveLength(50)
  expect(told[0]).toMatch(/^10 x{497}$/)
})

test('whatever a program wrote, the event follows its schema', () => {
  const text = fc.string({unit: 'binary', maxLength: 3_000})
  fc.assert(
    fc.property(fc.array(text, {maxLength: 5}), text, (lastLines, why) => {
      const record = aDeployRecord({outcome: 'failed', why, failedHosts: [{host: 'web-1', why}]})
      expect(check(deployEventSchema, aFailedEvent({record, lastLines}))).toMatchObject({ok: true})
    }),
    {numRuns: 200},
  )
})
