import {expect, test} from '@jest/globals'

import {type AuditEntry} from '../../src/domain/audit-entry.js'
import {chainStart, linkAfter} from '../../src/domain/audit-chain.js'
import {auditVerifyView, auditView} from '../../src/terminal/audit-view.js'

const now = new Date('2026-11-20T12:05:00.000Z')

function row(changes: Partial<AuditEntry>): AuditEntry {
  const plain = {
    at: '2026-11-20T12:00:00.000Z',
    by: 'ada@laptop',
    host: 'laptop',
    command: 'deploy',
    outcome: 'done',
    durationMillis: 2_100,
  } as const
  return {...linkAfter(chainStart, plain), ...changes}
}

test('rows are shown with who, what and how it ended', () => {
  const rows = [
    row({git: 'Ada <ada@example.com>', arguments: ['--env', 'staging'], service: 'billing'}),
    row({number: 2, token: 'ci', outcome: 'failed', code: 'E_LOCKED', environment: 'local'}),
  ]
  expect(auditView(rows, now).split('\n')).toEqual([
    'ROW  WHEN       WHO                    COMMAND               SERVICE  ENV    RESULT            TOOK',
    '1    5 min ago  ada@laptop (Ada)       deploy --env staging  billing  -      done              2.1 s',
    '2    5 min ago  ada@laptop (token ci)  deploy                -        local  failed, E_LOCKED  2.1 s',
  ])
})

test('a long name is cut, so that what was done stays on the screen', () => {
  const [, line] = auditView([row({git: `${'Ada '.repeat(20)}<ada@example.com>`})], now).split('\n')
  expect(line).toBe('1    5 min ago  ada@laptop (Ada Ada Ada Ada Ada…  deploy   -        -    done    2.1 s')
})

test('no row is no table', () => {
  expect(auditView([], now)).toBe('No change is recorded that fits.')
})

test('hostile names can do nothing to the terminal', () => {
  const text = auditView([row({by: 'eve\n2026 deploy ok by root', command: '\u001b]0;t\u0007'})], now)
  expect(text).toContain(String.raw`eve\n2026 deploy ok by root`)
  expect(text).toContain(String.raw`\x1b]0;t\x07`)
  expect(text.split('\n')).toHaveLength(2)
})

test('a check says what to keep', () => {
  expect(auditVerifyView({rows: 1, hash: 'abc', pin: '1:abc'})).toBe(
    '✓ 1 row, newest abc\n\nKeep this elsewhere, and check against it later:\n  yard audit verify --expect 1:abc',
  )
})
