import {expect, test} from '@jest/globals'

import {releasesView} from '../../src/terminal/releases-view.js'
import {aCommit} from '../fakes/records.js'

const now = new Date('2026-11-20T12:05:00.000Z')

test('releases are shown with where they are live', () => {
  const common = {service: 'hello', commit: aCommit, ref: 'main', createdBy: 'ada@laptop'}
  const text = releasesView(
    [
      {
        ...common,
        id: 'hello-r2',
        number: 2,
        dirty: true,
        createdAt: '2026-11-20T12:04:00.000Z',
        liveIn: ['local'],
      },
      {...common, id: 'hello-r1', number: 1, dirty: false, createdAt: '2026-11-20T10:05:00.000Z', liveIn: []},
    ],
    now,
  )

  expect(text.split('\n')).toEqual([
    'RELEASE   COMMIT            REF   WHEN       BY          LIVE IN',
    'hello-r2  01234567+changes  main  1 min ago  ada@laptop  local',
    'hello-r1  01234567          main  2 h ago    ada@laptop  -',
  ])
})

test('no release says what to do', () => {
  expect(releasesView([], now)).toContain('yard deploy')
})
