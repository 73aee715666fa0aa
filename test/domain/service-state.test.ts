import {describe, expect, test} from '@jest/globals'

import {type Instance, type InstanceStatus} from '../../src/domain/instance.js'
import {isUpByCount, servingOf, serviceState} from '../../src/domain/service-state.js'
import {aBinding, anInstance, aStatus} from '../fakes/records.js'

function stateOf(instances: Instance[], statuses: InstanceStatus[]) {
  return serviceState(aBinding(), instances, new Map(statuses.map((status) => [status.id, status])))
}

const web = anInstance()
const worker = anInstance({process: 'worker'})
const workerStatus = aStatus({id: worker.id})

test('a service without a binding was not deployed', () => {
  expect(serviceState(undefined, [web], new Map())).toBe('not-deployed')
})

test('it is up when every instance of its release runs and is healthy', () => {
  expect(stateOf([web, worker], [aStatus(), workerStatus])).toBe('up')
})

test('instances of other releases and of other services do not count', () => {
  const others = [
    anInstance({release: 2, state: 'starting'}),
    anInstance({service: 'other', state: 'starting'}),
  ]

  expect(stateOf([web, ...others], [aStatus()])).toBe('up')
})

test('it is degraded when only some serve', () => {
  expect(stateOf([web, worker], [aStatus(), {...workerStatus, running: 'backing-off'}])).toBe('degraded')
  expect(stateOf([web, worker], [aStatus({healthy: false}), workerStatus])).toBe('degraded')
})

test('it is down when none serves or none is left', () => {
  expect(stateOf([web], [aStatus({running: 'stopped'})])).toBe('down')
  expect(stateOf([{...web, state: 'down'}], [])).toBe('down')
  expect(stateOf([], [])).toBe('down')
})

test('nobody can tell while nothing looks after its instances', () => {
  expect(stateOf([web], [])).toBe('unknown')
})

describe('what hosts count', () => {
  const threeOf = (release: string) => [{serving: [release, release]}, {serving: [release]}, {}]

  test('is added up over all hosts', () => {
    expect([...servingOf(threeOf('hello-r1'))]).toEqual([['hello-r1', 3]])
  })

  test('proves that a service is up when as many serve as were given the traffic', () => {
    const serving = servingOf(threeOf('hello-r1'))
    expect(isUpByCount(aBinding({instances: 3}), serving)).toBe(true)
    expect(isUpByCount(aBinding({instances: 2}), serving)).toBe(true)
  })

  test('proves nothing when one is missing, when they are of another release, or when nobody knows how many there are', () => {
    const serving = servingOf(threeOf('hello-r1'))
    expect(isUpByCount(aBinding({instances: 4}), serving)).toBe(false)
    expect(isUpByCount(aBinding({active: 2, instances: 1}), serving)).toBe(false)
    expect(isUpByCount(aBinding(), serving)).toBe(false)
    expect(isUpByCount(aBinding({instances: 0}), serving)).toBe(false)
  })
})
