import {expect, test} from '@jest/globals'

import {type Instance, type InstanceStatus} from '../../src/domain/instance.js'
import {type ListedInstance} from '../../src/lifecycle/instances/list.js'
import {instancesListView} from '../../src/terminal/instances-view.js'
import {anInstance, aStatus} from '../fakes/records.js'

const now = new Date('2026-11-20T12:10:00.000Z')

function listed(instance: Partial<Instance>, seen?: Partial<InstanceStatus>): ListedInstance {
  const status = seen && {seen: aStatus(seen)}
  return {...anInstance(instance), weight: 100, getsRequests: instance.state === undefined, ...status}
}

const stateOf = (instance: ListedInstance) =>
  instancesListView([instance], {environment: 'local', now}).split('\n')[1]?.slice(57)

test.each([
  [listed({}, {}), 'up      healthy  100     10 min ago'],
  [listed({}, {healthy: false}), 'up      not healthy  100     10 min ago'],
  [listed({}), 'up      not seen  100     -'],
  [listed({state: 'disabled'}, {healthy: undefined}), 'disabled  running  100     10 min ago'],
  [listed({state: 'draining'}, {drained: false}), 'draining  finishing requests  100     10 min ago'],
  [listed({state: 'draining'}, {drained: true}), 'draining  drained  100     10 min ago'],
  [listed({}, {running: 'backing-off', lastExit: 'exit 1'}), 'up      ended with exit 1  100     10 min ago'],
  [listed({state: 'down'}, {running: 'stopped'}), 'down    stopped  100     10 min ago'],
])('what is wanted and what was seen: %#', (instance, shown) => {
  expect(stateOf(instance)).toBe(shown)
})

test('text of others can do nothing to the terminal', () => {
  const view = instancesListView([listed({state: 'disabled', takenOutBy: 'eve\u001b[2J'})], {
    environment: 'local',
    now,
  })

  expect(view).toContain('was disabled by eve\\x1b[2J')
})

test('nothing to show says what to do', () => {
  expect(instancesListView([], {environment: 'staging', now})).toContain('yard deploy --env staging')
})
