import {expect, test} from '@jest/globals'

import {noticeOf, noticeText} from '../../src/domain/notice.js'
import {aDeployEvent, aDeployRecord, aFailedEvent} from '../fakes/deploy-events.js'

test('a start says who deploys what over what', () => {
  expect(noticeOf(aDeployEvent())).toEqual({
    title: 'A deploy of billing in production begins',
    facts: ['Deploy 128 by ada@laptop: main at 0123456, in place of billing-r41'],
    excerpt: [],
  })
})

test('a success says what is live, and where it is not', () => {
  const record = aDeployRecord({outcome: 'live'})
  expect(noticeOf(aDeployEvent({event: 'succeeded', record})).title).toBe('billing-r42 is live in production')
  const partial = aDeployRecord({outcome: 'partial', failedHosts: [{host: 'web-3', why: 'it is away'}]})
  expect(noticeOf(aDeployEvent({event: 'succeeded', record: partial}))).toEqual({
    title: 'billing-r42 is live in production, but not on web-3',
    facts: [
      'Deploy 128 by ada@laptop: main at 0123456, in place of billing-r41',
      'web-3: it is away',
      'Took 30 s',
    ],
    excerpt: [],
  })
})

test('instances that had to be killed are named', () => {
  const record = aDeployRecord({outcome: 'live', killed: ['billing-r41@web-1', 'billing-r41@web-2']})
  expect(noticeOf(aDeployEvent({event: 'succeeded', record})).facts).toContain(
    'Ignored SIGTERM and killed: billing-r41@web-1, billing-r41@web-2',
  )
})

test('a rollback says where the service is back at', () => {
  const record = aDeployRecord({kind: 'rollback', outcome: 'live'})
  expect(noticeOf(aDeployEvent({event: 'rolled-back', record, live: 41})).title).toBe(
    'billing is back at billing-r41 in production',
  )
})

test('a failure says the step, the host, who has the traffic, and the last lines', () => {
  const notice = noticeOf(aFailedEvent())
  expect(notice.title).toBe('billing-r42 did not go live in production')
  expect(noticeText(notice)).toBe(
    [
      'Deploy 128 by ada@laptop: main at 0123456, in place of billing-r41',
      'Step: health',
      'Why: web-2: GET /readyz answers 503',
      'web-2: GET /readyz answers 503',
      'billing-r41 has the traffic.',
      'Took 30 s',
      '',
      'Last lines:',
      '    starting',
      '    no database',
      '',
    ].join('\n'),
  )
})

test.each([
  ['interrupted', 'billing-r42 was interrupted in production'],
  ['aborted', 'billing-r42 was aborted in production'],
  ['paused', 'billing-r42 is paused in production'],
] as const)('a deploy that is %s says so', (outcome, title) => {
  expect(noticeOf(aFailedEvent({record: aDeployRecord({outcome})})).title).toBe(title)
})
