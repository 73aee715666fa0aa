import {expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {type YardEvent} from '../../../src/contracts/report.js'
import {listEnvironments, showEnvironment} from '../../../src/lifecycle/environments/list.js'
import {aHost, anEnvironment} from '../../fakes/records.js'

async function world() {
  const catalog = new Catalog(new MemoryStore())
  const events: YardEvent[] = []
  const put = (environment: ReturnType<typeof anEnvironment>) =>
    catalog.environments.put(keys.environment(environment.name), environment)
  await catalog.commit(
    'seed',
    [],
    [
      put(anEnvironment({name: 'review'})),
      put(anEnvironment({name: 'production', order: 2, protected: true})),
      put(anEnvironment({order: 1, declared: true})),
      catalog.hosts.put(keys.host('staging', 'web-1'), aHost()),
      {put: keys.environment('evil'), value: '{"v":1}'},
    ],
  )
  return {needs: {catalog, report: (event: YardEvent) => void events.push(event)}, events}
}

test('environments are listed in the order of deploys, this machine first', async () => {
  const {events, needs} = await world()

  const listed = await listEnvironments(needs)

  expect(listed.map(({hosts, name, protected: isProtected}) => [name, hosts, isProtected])).toEqual([
    ['local', 0, false],
    ['staging', 1, false],
    ['production', 0, true],
    ['review', 0, false],
  ])
  expect(JSON.stringify(events)).toContain('environments/evil')
})

test('one is shown with what is in it', async () => {
  const {needs} = await world()

  expect(await showEnvironment(needs, {environment: 'staging', declaredEnvironments: []})).toEqual({
    name: 'staging',
    kind: 'hosts',
    order: 1,
    protected: false,
    personal: false,
    declared: true,
    router: {address: '127.0.0.1', port: 7070, header: 'Yard-Service'},
    hosts: ['web-1'],
    instances: 0,
    variables: 0,
  })
})
