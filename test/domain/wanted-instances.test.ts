import {expect, test} from '@jest/globals'

import {instanceId, type Instance} from '../../src/domain/instance.js'
import {wantedInstances} from '../../src/domain/wanted-instances.js'
import {anInstance} from '../fakes/records.js'

const present = (release: number, process: string, host: string, index = 1): Instance => ({
  ...anInstance(),
  id: instanceId({service: 'hello', release, process, host, index}),
  release,
  process,
  host,
})
const web = (host: string, index = 1) => ({host, process: 'web', index})
const any = () => true

test('what is there counts, what is missing gets an index that nobody has', () => {
  const there = [present(2, 'web', 'h1', 2), present(1, 'web', 'h1'), present(2, 'worker', 'h1')]

  const {kept, missing} = wantedInstances(2, [web('h1'), web('h1', 2), web('h2')], there, any)

  expect(kept.map(({id}) => id)).toEqual(['hello-r2.web.2@h1'])
  expect(missing).toEqual([web('h1'), web('h2')])
})

test('of more than are wanted those with the smallest index stay', () => {
  const there = [present(2, 'web', 'h1', 3), present(2, 'web', 'h1'), present(2, 'web', 'h1', 2)]

  const {kept, missing} = wantedInstances(2, [web('h1')], there, any)

  expect(kept.map(({id}) => id)).toEqual(['hello-r2@h1'])
  expect(missing).toEqual([])
})

test('anew beside those that may not stay: with other indices', () => {
  const there = [present(2, 'web', 'h1'), present(2, 'web', 'h1', 3)]

  expect(wantedInstances(2, [web('h1'), web('h1', 2)], there, () => false)).toEqual({
    kept: [],
    missing: [web('h1', 2), web('h1', 4)],
  })
})
