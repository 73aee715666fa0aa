import {expect, test} from '@jest/globals'

import {SnapshotFile} from '../../../src/lifecycle/sidecar/snapshot-file.js'
import {ManualClock} from '../../fakes/clock.js'

test('the saved state is for its owner only: it says where requests go when the catalog is away', async () => {
  const clock = new ManualClock()
  const modes: (number | undefined)[] = []
  const files = {
    readText: async () => undefined,
    writeText: async (_file: string, _text: string, mode?: number) => void modes.push(mode),
  }
  const snapshot = new SnapshotFile({files, clock, report: () => undefined}, '/var/lib/yard/followed.json')
  const content = {
    ...{environment: 'staging', revisions: {routed: 1, services: 1}, seenAt: '2026-11-20T12:00:00.000Z'},
    ...{vanished: [], records: [], releases: [], held: [], bad: []},
  }

  snapshot.offer(() => content, true, new AbortController().signal)
  await clock.advance(2_000)

  expect(modes).toEqual([0o600])
})
