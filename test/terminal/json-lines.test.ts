import {expect, test} from '@jest/globals'

import {YardError} from '../../src/errors.js'
import {errorLine, type JsonLine, jsonLines} from '../../src/terminal/json-lines.js'

const at = '2026-11-20T12:00:00.000Z'

function told(work: (lines: ReturnType<typeof jsonLines>) => void): string[] {
  const lines: JsonLine[] = []
  work(
    jsonLines(
      (line) => lines.push(line),
      () => new Date(at),
    ),
  )
  return lines.map((line) => JSON.stringify(line))
}

test('each event is one line with its version and time', () => {
  expect(
    told(({report, tell}) => {
      report({kind: 'step-started', step: 'build', title: 'Build'})
      report({kind: 'step-finished', step: 'build', outcome: 'done', millis: 12, detail: 'a\nb'})
      report({kind: 'warning', text: 'careful'})
      report({kind: 'note', text: 'well'})
      tell({kind: 'result', result: {release: 4}})
    }),
  ).toEqual([
    `{"v":1,"at":"${at}","kind":"step-started","step":"build","title":"Build"}`,
    `{"v":1,"at":"${at}","kind":"step-finished","step":"build","outcome":"done","millis":12,"detail":"a\\nb"}`,
    `{"v":1,"at":"${at}","kind":"warning","text":"careful"}`,
    `{"v":1,"at":"${at}","kind":"note","text":"well"}`,
    `{"v":1,"at":"${at}","kind":"result","result":{"release":4}}`,
  ])
})

test('what a build writes is not told', () => {
  expect(told(({report}) => report({kind: 'step-output', step: 'build', line: 'token=1'}))).toEqual([])
})

test('a failure is one line with its code, and nothing of where it came from', () => {
  const cause = new Error('inside')
  const parts = {what: 'a', why: 'b', next: ['c'] as [string], cause, details: {step: 'health'}}

  expect(told(({tell}) => tell(errorLine(new YardError('E_DEPLOY_FAILED', parts))))).toEqual([
    `{"v":1,"at":"${at}","kind":"error","error":{"code":"E_DEPLOY_FAILED","what":"a","why":"b","next":["c"],"exitCode":1,"details":{"step":"health"}}}`,
  ])
})
