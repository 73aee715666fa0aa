import {expect, test} from '@jest/globals'

import {type SmokeReport} from '../../src/domain/smoke/report.js'
import {smokeView} from '../../src/terminal/smoke-view.js'

const report: SmokeReport = {
  service: 'hello',
  environment: 'local',
  baseUrl: 'http://hello.localhost:7070',
  outcome: 'failed',
  startedAt: '2026-11-20T12:00:00.000Z',
  millis: 1_234,
  requests: 5,
  failures: 2,
  files: [
    {file: 'smoke/ready.hurl', outcome: 'passed', millis: 34, requests: 1, steps: [], notRun: 0},
    {
      file: 'smoke/orders.hurl',
      outcome: 'failed',
      millis: 1_200,
      requests: 4,
      notRun: 2,
      steps: [
        {
          number: 1,
          position: {line: 1, column: 1},
          title: 'GET {{base_url}}/orders',
          outcome: 'failed',
          millis: 1_200,
          attempts: [
            {millis: 1, failures: 1},
            {millis: 1, status: 503, failures: 2},
          ],
          failures: [
            {kind: 'status', position: {line: 2, column: 6}, expected: '200', actual: '503'},
            {
              kind: 'assert',
              position: {line: 4, column: 1},
              expected: 'string <a>',
              actual: 'string <b\x1b[2Jc\nnext>',
            },
          ],
          exchange: {
            request: {
              method: 'GET',
              url: 'http://hello.localhost:7070/orders',
              headers: [['Accept', '*/*']],
              body: 'x',
            },
            response: {
              status: 503,
              version: '1.1',
              headers: [['X-Title', '\x1b]0;t\x07']],
              body: 'first\u202e\r\nsecond\n',
              bodyBytes: 5_000,
              isCut: true,
            },
          },
          notes: ['left out on the way to http://other: Cookie'],
        },
      ],
    },
  ],
}

test('shows each file in a line and everything about a step that failed', () => {
  expect(smokeView(report)).toBe(`✓ smoke/ready.hurl  1 request, 34 ms
✗ smoke/orders.hurl  4 requests, 1.2 s
  step 1 of 3: GET {{base_url}}/orders  (2 attempts: no response, 503)
    smoke/orders.hurl:2:6  status
      expected: 200
      actual:   503
    smoke/orders.hurl:4:1  assert
      expected: string <a>
      actual:   string <b\\x1b[2Jc
                next>
    ! left out on the way to http://other: Cookie
    > GET http://hello.localhost:7070/orders
    > Accept: */*
    > 
    > x
    < HTTP/1.1 503
    < X-Title: \\x1b]0;t\\x07
    < 
    < first\\u202e
    < second
    < … 5000 bytes in all
  2 steps after it not run

1 of 2 smoke tests of hello in local failed, 2 checks in all (5 requests, 1.2 s)`)
})

test.each([
  ['passed', '2 smoke tests of hello in local passed (5 requests, 1.2 s)'],
  ['unreachable', 'Nothing answers at http://hello.localhost:7070 (5 requests, 1.2 s)'],
  ['skipped', 'hello in local has no smoke tests'],
] as const)('ends with a verdict when %s', (outcome, verdict) => {
  expect(
    smokeView({...report, outcome})
      .split('\n')
      .at(-1),
  ).toBe(verdict)
})
