import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {junitXml} from '../../../src/domain/smoke/junit.js'
import {type SmokeReport} from '../../../src/domain/smoke/report.js'

test('has a suite for each file and a case for each step, run or not', () => {
  expect(junitXml(reportWith('GET {{base_url}}/?a=1&b="2"', 'string <a>', 'none')))
    .toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="smoke hello" tests="4" failures="1" time="1.500">
  <testsuite name="smoke/a.hurl" timestamp="2026-11-20T12:00:00.000Z" tests="4" failures="1" errors="0" skipped="2" time="0.250">
    <testcase classname="smoke/a.hurl" name="1 GET {{base_url}}/" time="0.010"/>
    <testcase classname="smoke/a.hurl" name="2 GET {{base_url}}/skipped" time="0.000"><skipped/></testcase>
    <testcase classname="smoke/a.hurl" name="3 GET {{base_url}}/?a=1&amp;b=&quot;2&quot;" time="0.020">
      <failure type="assert" message="expected string &lt;a&gt;, actual none">smoke/a.hurl:4:1 assert
  expected: string &lt;a&gt;
  actual:   none</failure>
    </testcase>
    <testcase classname="smoke/a.hurl" name="4" time="0.000"><skipped message="an earlier step failed"/></testcase>
  </testsuite>
</testsuites>
`)
})

test('is well-formed whatever the server said', () => {
  fc.assert(
    fc.property(
      fc.string({unit: 'binary'}),
      fc.string({unit: 'binary'}),
      fc.string({unit: 'binary'}),
      (title, expected, actual) => {
        const xml = junitXml(reportWith(title, expected, actual))

        expect(brokenPart(xml)).toBeUndefined()
        expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u)
      },
    ),
    {numRuns: 300},
  )
})

function reportWith(title: string, expected: string, actual: string): SmokeReport {
  const step = {position: {line: 1, column: 1}, attempts: [], failures: [], notes: []}
  return {
    service: 'hello',
    environment: 'local',
    baseUrl: 'http://hello.localhost:7070',
    outcome: 'failed',
    startedAt: '2026-11-20T12:00:00.000Z',
    millis: 1_500,
    requests: 2,
    failures: 1,
    files: [
      {
        file: 'smoke/a.hurl',
        outcome: 'failed',
        millis: 250,
        requests: 2,
        notRun: 1,
        steps: [
          {...step, number: 1, title: 'GET {{base_url}}/', outcome: 'passed', millis: 10},
          {...step, number: 2, title: 'GET {{base_url}}/skipped', outcome: 'skipped', millis: 0},
          {
            ...step,
            number: 3,
            title,
            outcome: 'failed',
            millis: 20,
            failures: [{kind: 'assert', position: {line: 4, column: 1}, expected, actual}],
          },
        ],
      },
    ],
  }
}

/** The first place where tags, attributes, references or nesting are wrong. */
function brokenPart(xml: string): string | undefined {
  const open: string[] = []
  const tag =
    /<(\/?)([a-z]+)((?: [a-z]+="(?:[^"<&]|&(?:amp|lt|gt|quot|#\d+);)*")*)(\/?)>|<\?xml [^?]*\?>|(?:[^<&]|&(?:amp|lt|gt);)+/y
  while (tag.lastIndex < xml.length) {
    const start = tag.lastIndex
    const found = tag.exec(xml)
    if (found === null) return xml.slice(start, start + 40)
    const [, isEnd, name, , isEmpty] = found
    if (name === undefined || isEmpty === '/') continue
    if (isEnd !== '/') open.push(name)
    else if (open.pop() !== name) return found[0]
  }
  return open.at(-1)
}
