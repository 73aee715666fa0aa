import {createHash} from 'node:crypto'

import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {auditHash, type ChainEnd, chainStart, followChain, linkAfter} from '../../src/domain/audit-chain.js'
import {type AuditedRun} from '../../src/catalog/audit.js'
import {type AuditEntry} from '../../src/domain/audit-entry.js'

const run: AuditedRun = {
  at: '2026-11-20T12:00:00.000Z',
  by: 'ada@laptop',
  host: 'laptop',
  command: 'config set',
  arguments: ['billing', 'STRIPE_MODE=…'],
  outcome: 'done',
  durationMillis: 5,
}

/** The stored texts of some rows. */
function texts(count: number): string[] {
  const rows: AuditEntry[] = []
  for (let index = 0; index < count; index++) {
    const last = rows.at(-1)
    rows.push(linkAfter(last === undefined ? chainStart : {count: last.number, hash: last.hash}, run))
  }
  return rows.map((row) => JSON.stringify(row))
}

function followAll(rows: readonly string[]): ChainEnd | {row: number; why: string} {
  let end: ChainEnd = chainStart
  for (const text of rows) {
    const next = followChain(end, text)
    if ('why' in next) return {row: end.count + 1, why: next.why}
    end = next
  }
  return end
}

describe('the hash of a row', () => {
  test('can be made by anybody: JSON without the hash, keys sorted, no spaces', () => {
    const row = linkAfter(chainStart, {...run, by: 'zoë'})
    const text =
      '{"arguments":["billing","STRIPE_MODE=…"],"at":"2026-11-20T12:00:00.000Z","by":"zoë",' +
      '"command":"config set","durationMillis":5,"host":"laptop","number":1,"outcome":"done",' +
      `"previous":"${'0'.repeat(64)}","v":1}`

    expect(row.hash).toBe(createHash('sha256').update(text, 'utf8').digest('hex'))
  })

  test('does not depend on the order of the fields', () => {
    const row = linkAfter(chainStart, run)
    expect(auditHash(Object.fromEntries(Object.entries(row).reverse()))).toBe(row.hash)
  })
})

describe('a chain', () => {
  test('is followed to its end', () => {
    const rows = texts(5)
    const last = JSON.parse(rows[4] ?? '') as AuditEntry
    expect(followAll(rows)).toEqual({count: 5, hash: last.hash})
  })

  test('with any one byte changed stops fitting at that row', () => {
    const rows = texts(3)
    fc.assert(
      fc.property(fc.nat(2), fc.nat(10_000), fc.integer({min: 1, max: 126}), (row, place, shift) => {
        const bytes = Buffer.from(rows[row] ?? '')
        const index = place % bytes.length
        bytes[index] = ((bytes[index] ?? 0) + shift) % 256
        const changed = rows.map((text, each) => (each === row ? bytes.toString('utf8') : text))
        expect(followAll(changed)).toMatchObject({row: row + 1})
      }),
      {numRuns: 2_000},
    )
  })

  test('with one byte removed or put in stops fitting at that row', () => {
    const rows = texts(3)
    const mutation = fc.tuple(fc.nat(2), fc.nat(10_000), fc.constantFrom('', ' ', ',', '"', '0', '\\'))
    fc.assert(
      fc.property(mutation, ([row, place, inserted]) => {
        const text = rows[row] ?? ''
        const index = place % text.length
        const rest = inserted === '' ? text.slice(index + 1) : text.slice(index)
        const changed = rows.map((each, at) => (at === row ? text.slice(0, index) + inserted + rest : each))
        expect(followAll(changed)).toMatchObject({row: row + 1})
      }),
      {numRuns: 2_000},
    )
  })

  test.each([
    ['removed', [0, 2], 2],
    ['repeated', [0, 1, 1, 2], 3],
    ['swapped', [0, 2, 1], 2],
  ])('with a row %s stops fitting there', (_what, order, row) => {
    const rows = texts(3)
    expect(followAll(order.map((index) => rows[index] ?? ''))).toMatchObject({row})
  })

  test('with a row made anew, hash and all, stops fitting at the row after it', () => {
    const rows = texts(3)
    const forged = {...(JSON.parse(rows[1] ?? '') as AuditEntry), by: 'mallory'}
    const text = JSON.stringify({...forged, hash: auditHash(forged)})
    expect(followAll([rows[0] ?? '', text, rows[2] ?? ''])).toEqual({
      row: 3,
      why: 'it does not follow the row before it',
    })
  })

  test('goes on over fields that a newer yard knows', () => {
    const row = {...linkAfter(chainStart, run), approvedBy: 'grace'}
    const text = JSON.stringify({...row, hash: auditHash(row)})
    expect(followAll([text])).toMatchObject({count: 1})
  })
})
