import {beforeEach, describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {type YardEvent} from '../../../src/contracts/report.js'
import {renderSidecar} from '../../../src/lifecycle/render/sidecar.js'
import {failureOf} from '../../fakes/failure-of.js'
import {aHost, anEnvironment} from '../../fakes/records.js'

describe('the units of a host with a sidecar', () => {
  let catalog: Catalog
  let events: YardEvent[]

  beforeEach(async () => {
    catalog = new Catalog(new MemoryStore())
    events = []
    await catalog.commit(
      'seed',
      [],
      [
        catalog.environments.put(keys.environment('staging'), anEnvironment()),
        catalog.hosts.put(keys.host('staging', 'web-1'), aHost()),
      ],
    )
  })

  const render = (changes: object = {}) =>
    renderSidecar(
      {catalog, report: (event) => void events.push(event)},
      {
        environment: 'staging',
        host: 'web-1',
        catalogUrl: 'etcd://10.0.0.1:2379',
        declaredEnvironments: [],
        ...changes,
      },
    )

  test('name the host, its environment and the catalog', async () => {
    const {files} = await render()

    expect(files.map(({name}) => name)).toEqual([
      'yard-haproxy.service',
      'yard-haproxy.path',
      'yard-sidecar.service',
    ])
    expect(files[2]?.text).toMatch(/^ExecStart=.*staging.*web-1.*etcd:\/\/10\.0\.0\.1:2379/m)
    expect(events).toEqual([])
  })

  test('that would look for a file of this machine come with a warning', async () => {
    await render({catalogUrl: 'sqlite:/srv/catalog.db'})
    expect(events).toEqual([{kind: 'warning', text: expect.stringContaining('is a file of this machine')}])
  })

  test('of a host that is unknown are refused', async () => {
    expect((await failureOf(render({host: 'web-2'}))).code).toBe('E_HOST_UNKNOWN')
    expect((await failureOf(render({environment: 'x'}))).code).toBe('E_ENVIRONMENT_UNKNOWN')
  })
})
