import {beforeEach, expect, test} from '@jest/globals'

import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {showService} from '../../src/lifecycle/services-show.js'
import {aBinding, aDeploy, anInstance, aService, aStatus} from '../fakes/records.js'

let catalog: Catalog

beforeEach(() => {
  catalog = new Catalog(new MemoryStore())
})

async function plant(entries: Record<string, unknown>): Promise<void> {
  const writes = Object.entries(entries).map(([put, value]) => ({put, value: JSON.stringify(value)}))
  await catalog.store.transact([], writes)
}

const show = (service: string) =>
  showService({catalog, report: () => undefined}, {environment: 'local', service})

test('a service is shown with its instances, its addresses and its last five deploys', async () => {
  const deploys = Array.from({length: 7}, (_, index) => aDeploy({number: index + 1}))
  await plant({
    [keys.service('hello')]: aService(),
    [keys.service('hello-admin')]: aService({name: 'hello-admin'}),
    [keys.binding('local', 'hello')]: aBinding(),
    [keys.instance('local', 'hello', 'hello-r1@localhost')]: anInstance(),
    [keys.instance('local', 'hello-admin', 'hello-admin-r1@localhost')]: anInstance({service: 'hello-admin'}),
    [keys.status('local', 'hello-r1@localhost')]: aStatus(),
    ...Object.fromEntries(deploys.map((deploy) => [keys.deploy('local', 'hello', deploy.number), deploy])),
    [keys.deploy('local', 'hello-admin', 1)]: aDeploy({service: 'hello-admin'}),
  })

  const report = await show('hello')

  expect(report).toMatchObject({state: 'up', binding: {active: 1}, header: 'Yard-Service'})
  expect(report.urls).toEqual(['http://hello.localhost:7070/', 'http://127.0.0.1:7070/'])
  expect(report.instances).toEqual([{...anInstance(), status: aStatus()}])
  expect(report.deploys.map(({number, service}) => [service, number])).toEqual(
    [7, 6, 5, 4, 3].map((number) => ['hello', number]),
  )
})

test('a registered service that was never deployed is shown, too', async () => {
  await plant({[keys.service('hello')]: aService()})

  expect(await show('hello')).toMatchObject({state: 'not-deployed', instances: [], deploys: []})
})

test('an unknown service is refused with the nearest name', async () => {
  await expect(show('hello')).rejects.toMatchObject({
    code: 'E_SERVICE_UNKNOWN',
    why: 'no service is registered yet',
    next: ['yard generate service hello', expect.any(String)],
  })
  await plant({[keys.service('hello')]: aService()})
  await expect(show('helo')).rejects.toMatchObject({
    code: 'E_SERVICE_UNKNOWN',
    why: 'the catalog knows no such name; did you mean hello?',
  })
})

test.each(['..', '--help', 'a/b', '__proto__', '', '\u0430dmin', 'a'.repeat(64)])(
  'the name %j is refused',
  async (name) => {
    await expect(show(name)).rejects.toMatchObject({code: 'E_NAME_INVALID', exitCode: 2})
  },
)
