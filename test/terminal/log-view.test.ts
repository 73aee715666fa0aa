import {afterEach, expect, test} from '@jest/globals'

import {type TailedLine} from '../../src/lifecycle/tail.js'
import {useColors} from '../../src/terminal/colors.js'
import {logView, rawLogView} from '../../src/terminal/log-view.js'

/** 19:15:00.123 wherever the test runs. */
const at = new Date(2026, 10, 20, 19, 15, 0, 123).toISOString()
const line: TailedLine = {
  at,
  stream: 'stdout',
  service: 'hello',
  release: 'r12',
  instance: 'hello-r12@localhost',
  process: 'web',
  message: 'ready',
  text: 'ready',
}

afterEach(() => useColors({isTerminal: false, isPlain: true}))

test('shows service, release, instance, time and message', () => {
  expect(logView()(line)).toBe('hello r12 web@localhost 19:15:00.123 ready')
})

test('shows JSON lines for people', () => {
  const fields = {reqId: 'req-1', res: {statusCode: 200}}
  expect(logView()({...line, level: 'info', message: 'done', fields})).toBe(
    'hello r12 web@localhost 19:15:00.123 INFO  done reqId=req-1 res.statusCode=200',
  )
})

test('lines up what comes from several places', () => {
  const view = logView()
  view(line)
  expect(view({at, stream: 'stderr', part: 'haproxy', message: 'x', text: 'x'})).toBe(
    `${'haproxy'.padEnd(23)} 19:15:00.123 x`,
  )
})

test('marks notes of yard', () => {
  expect(logView()({...line, stream: 'yard', message: 'started, pid 7'})).toContain('-- started, pid 7 --')
})

test('neutralises everything that comes from outside: message, fields, stack and labels', () => {
  const evil = '\u001b[2J\u202e\r\n\u009b'
  const shown = logView()({
    ...line,
    service: evil,
    release: evil,
    instance: `x@${evil}`,
    level: 'error',
    message: evil,
    fields: {[evil]: evil, err: {stack: `Error\n at ${evil}`}},
  })
  expect(shown.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
  expect(shown.split('\n').every((each) => each.startsWith('\\x1b'))).toBe(true)
})

test('raw is the text and nothing else', () => {
  expect(rawLogView({...line, text: '\u001b[31mred'})).toBe('\u001b[31mred')
})

test('gives each instance a colour of its own on a terminal', () => {
  useColors({isTerminal: true, isPlain: false})
  const view = logView()
  const first = view(line)
  const other = view({...line, release: 'r13'})
  expect(first.slice(0, 5)).not.toBe(other.slice(0, 5))
  expect(view(line)).toBe(first)
})
