import {beforeEach, expect, test} from '@jest/globals'

import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {tail} from '../../src/lifecycle/tail.js'
import {failureOf} from '../fakes/failure-of.js'
import {FakeLogReader} from '../fakes/log-reader.js'
import {aHost, anEnvironment, anInstance, aService} from '../fakes/records.js'

const request = {
  environment: 'staging',
  service: 'hello',
  all: false,
  lines: 50,
  since: undefined,
  follow: false,
  level: undefined,
  matches: undefined,
}
let catalog: Catalog

beforeEach(async () => {
  catalog = new Catalog(new MemoryStore())
  const instance = anInstance({
    environment: 'staging',
    host: 'web-1',
    address: '10.0.0.11',
    id: 'hello-r1@web-1',
  })
  const gone = {...instance, release: 2, id: 'hello-r2@web-1', state: 'down' as const}
  await catalog.commit(
    'seed',
    [],
    [
      catalog.services.put(keys.service('hello'), aService()),
      catalog.environments.put(keys.environment('staging'), anEnvironment()),
      catalog.hosts.put(keys.host('staging', 'web-1'), aHost({user: 'yard'})),
      ...[instance, gone].map((one) => catalog.instances.put(keys.instance('staging', 'hello', one.id), one)),
    ],
  )
})

const tailing = (lines: ConstructorParameters<typeof FakeLogReader>[0]) =>
  tail({catalog, logs: new FakeLogReader(lines)}, request, new AbortController().signal)

test('logs of instances on hosts are told to be there, with the line that shows them', async () => {
  expect(await failureOf(tailing([]))).toMatchObject({
    code: 'E_USAGE',
    exitCode: 2,
    why: 'they are in the journals of its hosts',
    next: [
      'yard ps --env staging   # what runs where',
      'ssh yard@10.0.0.11 sudo /usr/lib/yard/yard-host lines hello-r1 50   # hello-r1@web-1',
    ],
  })
})

test('logs of such an environment that are on this machine are shown', async () => {
  const labels = {environment: 'staging', service: 'hello', instance: 'hello-r1@web-1'}
  const lines = await tailing([{at: 0, stream: 'stdout', source: 'x', labels, text: 'here'}])
  const shown: string[] = []
  for await (const {text} of lines) shown.push(text)
  expect(shown).toEqual(['here'])
})
