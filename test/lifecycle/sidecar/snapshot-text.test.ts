import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {readSnapshot, snapshotText} from '../../../src/lifecycle/sidecar/snapshot-text.js'

const head = {
  environment: 'staging',
  revisions: {routed: 12, services: 14},
  seenAt: '2026-11-20T12:00:00.000Z',
  vanished: ['orders'],
}
const text = fc.string({unit: 'grapheme'})
const saved = fc.record({
  key: text,
  record: fc.record({name: text}),
  createRevision: fc.nat(),
  modRevision: fc.nat(),
})

test('what was saved is read again, whatever its keys and values hold', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(saved),
      fc.array(saved),
      fc.array(fc.record({key: text, why: text, modRevision: fc.nat()})),
      async (records, releases, bad) => {
        const moment = {at: head.seenAt, revision: 7}
        const held = records.map((one, index) => ({
          ...one,
          ...moment,
          service: index % 2 === 0 ? 'billing' : undefined,
        }))
        const read = readSnapshot(await snapshotText({...head, records, releases, held, bad}), 'staging')
        const asEntry = ({record, ...rest}: (typeof records)[number]) => ({
          ...rest,
          value: JSON.stringify(record),
        })
        expect(read).toMatchObject({
          ...head,
          bad,
          records: records.map(asEntry),
          releases: releases.map(asEntry),
        })
        expect(
          typeof read === 'string' ? [] : read.held.map(({service, revision}) => ({service, revision})),
        ).toEqual(held.map(({service, revision}) => ({service, revision})))
      },
    ),
    {numRuns: 100},
  )
})

test('a text in which anything is different is refused', async () => {
  const records = [{key: '/a', record: {name: 'billing'}, createRevision: 1, modRevision: 2}]
  const whole = await snapshotText({...head, records, releases: [], held: [], bad: []})
  expect(typeof readSnapshot(whole, 'staging')).toBe('object')
  for (let cut = 0; cut < whole.length; cut++) {
    expect(typeof readSnapshot(whole.slice(0, cut), 'staging')).toBe('string')
  }
  expect(readSnapshot(whole.replace('billing', 'billinG'), 'staging')).toBe('it is damaged')
  expect(readSnapshot(whole, 'production')).toBe('it is of the environment staging')
  expect(readSnapshot(`${whole}record\t"/b"\t1\t1\t{}\n`, 'staging')).toBe('it is damaged')
})
