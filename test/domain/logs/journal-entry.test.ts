import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {parseJournalEntry} from '../../../src/domain/logs/journal-entry.js'

const from = {environment: 'staging', host: 'web-1'}
const entry = {
  __CURSOR: 's=0a;i=1;b=2;m=3;t=4;x=5',
  __REALTIME_TIMESTAMP: '1763666100123456',
  _SYSTEMD_UNIT: 'yard-billing-r42.worker.service',
  YARD_ENVIRONMENT: 'staging',
  YARD_INSTANCE: 'billing-r42.worker@web-1',
  PRIORITY: '6',
  MESSAGE: 'ready',
}
const parsed = (change: Record<string, unknown>) =>
  parseJournalEntry(JSON.stringify({...entry, ...change}), from)

test('an entry says what an instance wrote, and when', () => {
  expect(parsed({})).toEqual({
    cursor: 's=0a;i=1;b=2;m=3;t=4;x=5',
    at: 1_763_666_100_123,
    written: {
      stream: 'stdout',
      instance: 'billing-r42.worker@web-1',
      labels: {
        environment: 'staging',
        service: 'billing',
        release: 'r42',
        instance: 'billing-r42.worker@web-1',
        process: 'worker',
      },
      text: 'ready',
    },
  })
})

test('what a program marks as an error counts as stderr', () => {
  expect(parsed({PRIORITY: '3'})?.written?.stream).toBe('stderr')
  expect(parsed({PRIORITY: '4'})?.written?.stream).toBe('stdout')
  expect(parsed({PRIORITY: undefined})?.written?.stream).toBe('stdout')
})

test('text that comes as numbers is the same text', () => {
  fc.assert(
    fc.property(fc.string({unit: 'binary'}), (text) => {
      const bytes = Buffer.from(text)
      expect(parsed({MESSAGE: [...bytes]})?.written?.text).toBe(bytes.toString())
    }),
  )
  expect(parsed({MESSAGE: ['one', 'two']})?.written?.text).toBe('one')
  expect(parsed({MESSAGE: [[104, 105], 'two']})?.written?.text).toBe('hi')
  expect(parsed({MESSAGE: null})?.written?.text).toBe('')
})

test.each([
  ['another unit', {_SYSTEMD_UNIT: 'yard-billing-r41.service'}],
  ['a unit that is not of yard', {_SYSTEMD_UNIT: 'cron.service'}],
  ['a run that ends', {_SYSTEMD_UNIT: 'yard-billing-r42.worker:0af3.service'}],
  ['another host', {YARD_INSTANCE: 'billing-r42.worker@web-2'}],
  ['another environment', {YARD_ENVIRONMENT: 'production'}],
  ['two instances', {YARD_INSTANCE: ['billing-r42.worker@web-1', 'other-r1@web-1']}],
  ['no instance', {YARD_INSTANCE: '../../etc/passwd@web-1'}],
  ['none', {YARD_INSTANCE: undefined}],
])('an entry that names %s is passed over, and still counts as read', (_, change) => {
  expect(parsed(change)).toEqual({cursor: entry.__CURSOR, at: 1_763_666_100_123})
})

test.each(['', 'clock 1763666100123456', '[]', 'null', '{"__CURSOR":1}', '{"__CURSOR":"s=1"}', '{', '"x"'])(
  '%j is no entry',
  (text) => {
    expect(parseJournalEntry(text, from)).toBeUndefined()
  },
)

test('a text as deep as a line is long is no text, and does no harm', () => {
  const nested = '['.repeat(400_000) + ']'.repeat(400_000)
  const text = JSON.stringify({...entry, MESSAGE: 'x'}).replace('"x"', nested)
  expect(parseJournalEntry(text, from)?.cursor).toBe(entry.__CURSOR)
})

test('a cursor is never more than a cursor: it goes back into a command', () => {
  for (const cursor of ['', 's=1 --file=/etc/passwd', 's=1\n', 'S=1', `s=${'1'.repeat(300)}`])
    expect(parsed({__CURSOR: cursor})).toBeUndefined()
})
