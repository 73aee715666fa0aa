import {beforeEach, describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {YamlDocumentParser} from '../../../src/adapters/documents-yaml/index.js'
import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {type YardEvent} from '../../../src/contracts/report.js'
import {type Service} from '../../../src/domain/service.js'
import {exportServices} from '../../../src/lifecycle/services/export.js'
import {importServices} from '../../../src/lifecycle/services/import.js'
import {ManualClock} from '../../fakes/clock.js'
import {failureOf} from '../../fakes/failure-of.js'
import {aService} from '../../fakes/records.js'

const documents = new YamlDocumentParser()
let catalog: Catalog
let events: YardEvent[]

beforeEach(() => {
  catalog = new Catalog(new MemoryStore())
  events = []
})

function importText(text: string, changes: {update?: boolean; dryRun?: boolean} = {}) {
  const needs = {catalog, documents, clock: new ManualClock(), signal: new AbortController().signal}
  const request = {file: 'catalog-info.yaml', text, update: false, dryRun: false, ...changes}
  return importServices(needs, request)
}

async function exportText(from: Catalog = catalog): Promise<string> {
  const report = (event: YardEvent) => void events.push(event)
  return (await exportServices({catalog: from, documents, report})).text
}

async function read(name: string): Promise<Service | undefined> {
  return (await catalog.services.get(keys.service(name)))?.record
}

const entities = `apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: billing
  description: sends invoices
  annotations:
    github.com/project-slug: acme/billing
    backstage.io/techdocs-ref: dir:.
  tags: [java]
spec:
  type: service
  lifecycle: production
  owner: group:default/team-billing
  dependsOn: ['component:default/identity', resource:default/billing-db]
  consumesApis: [ledger-api, weather-api]
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: ledger}
spec: {type: service, lifecycle: experimental, owner: user:ada, providesApis: [ledger-api]}
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: ledger-api}
spec: {type: openapi, owner: ada, definition: {$text: ./openapi.yaml}}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: billing-lib}
spec: {type: library, owner: ada, lifecycle: production}
---
`

describe('an import', () => {
  test('registers components of type service, and says what it left out', async () => {
    const report = await importText(entities)

    expect(report.services).toMatchObject([
      {name: 'billing', outcome: 'added'},
      {name: 'ledger', outcome: 'added'},
    ])
    expect(report.leftOut).toEqual([
      {name: 'ledger-api', why: 'it is of the kind API'},
      {name: 'billing-lib', why: 'it is of the kind component of type library'},
      {name: 'billing', why: 'no service of the file provides the API weather-api it consumes'},
    ])
    expect(await read('billing')).toMatchObject({
      owner: 'team-billing',
      description: 'sends invoices',
      repository: 'https://github.com/acme/billing',
      calls: ['identity', 'ledger'],
      processes: {},
    })
    expect(await read('ledger')).toMatchObject({owner: 'ada', description: ''})
  })

  test('as a dry run writes nothing', async () => {
    expect(await importText(entities, {dryRun: true})).toMatchObject({dryRun: true, services: [{}, {}]})
    expect(await read('billing')).toBeUndefined()
  })

  test('never overwrites what was registered, unless that is wanted, and then keeps how it is run', async () => {
    const present = aService({name: 'billing', owner: 'grace', port: 4_000})
    await catalog.commit('', [], [catalog.services.put(keys.service('billing'), present)])

    expect((await importText(entities)).services[0]).toMatchObject({name: 'billing', outcome: 'kept'})
    expect(await read('billing')).toEqual(present)

    expect((await importText(entities, {update: true})).services[0]).toMatchObject({outcome: 'changed'})
    expect(await read('billing')).toMatchObject({
      owner: 'team-billing',
      port: 4_000,
      processes: present.processes,
      registeredAt: present.registeredAt,
    })
    expect((await importText(entities, {update: true})).services).toMatchObject([
      {outcome: 'unchanged'},
      {outcome: 'unchanged'},
    ])
  })

  test('names every mistake with its place, suggests a name, and writes nothing', async () => {
    const text = `${entities}apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: Billing_API
spec: {type: service}
---
kind: Component
metadata: {name: x}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: ledger}
spec: {type: service}
---
a: [
`
    const {code, why} = await failureOf(importText(text))

    expect(code).toBe('E_IMPORT_FILE')
    expect(why.split('\n  ')).toEqual([
      expect.stringMatching(/^catalog-info\.yaml:35:3 metadata\.name must be .*; try billing-api$/),
      expect.stringMatching(/^catalog-info\.yaml:38:1 apiVersion /),
      'catalog-info.yaml:43:18 ledger is there twice',
      expect.stringMatching(/^catalog-info\.yaml:4[67]:\d+ /),
    ])
    expect(await read('billing')).toBeUndefined()
  })

  test('says what is missing in plain words', async () => {
    expect((await failureOf(importText('kind: Component'))).why.split('\n  ')).toEqual([
      'catalog-info.yaml:1:1 apiVersion is missing',
      'catalog-info.yaml:1:1 metadata is missing',
    ])
  })

  test.each(['', '---\n---\n', '# nothing\n', '7', '- a', 'kind: Component', 'a: \u0000'])(
    'refuses %j',
    async (text) => {
      expect(await failureOf(importText(text))).toMatchObject({code: 'E_IMPORT_FILE', exitCode: 2})
    },
  )

  test('leaves a password in the address of a repository out', async () => {
    const text = entities.replace(
      'github.com/project-slug: acme/billing',
      'backstage.io/source-location: url:https://ada:sesame@git.example.com/billing',
    )
    await importText(text)
    expect((await read('billing'))?.repository).toBe('https://git.example.com/billing')
  })
})

describe('an export', () => {
  test('is a document for each service, as Backstage reads it', async () => {
    const billing = {
      name: 'billing',
      owner: 'Ada Lovelace <ada@example.com>',
      description: 'yes',
      repository: 'https://github.com/acme/billing',
      calls: ['identity'],
    }
    await catalog.commit(
      '',
      [],
      [
        catalog.services.put(keys.service('billing'), aService(billing)),
        catalog.services.put(
          keys.service('identity'),
          aService({name: 'identity', repository: '/home/ada/id'}),
        ),
      ],
    )
    await catalog.store.transact([], [{put: keys.service('evil'), value: '{}'}])

    expect(await exportText()).toBe(`---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: billing
  description: "yes"
  annotations:
    backstage.io/source-location: url:https://github.com/acme/billing
    yard/owner: "Ada Lovelace <ada@example.com>"
spec:
  type: service
  lifecycle: production
  owner: Ada-Lovelace-ada-example.com
  dependsOn:
    - component:identity
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: identity
  description: says hello
  annotations:
    yard/repository: "/home/ada/id"
spec:
  type: service
  lifecycle: production
  owner: ada
`)
    expect(events).toEqual([{kind: 'warning', text: expect.stringContaining('services/evil')}])
  })

  test('read back gives the same services, whatever their texts hold', async () => {
    const text = fc
      .oneof(
        fc.string({unit: 'binary', maxLength: 60}),
        fc.constantFrom(
          'yes',
          '1e3',
          '0123',
          '~',
          '{{secret}}',
          '- x',
          ': ',
          'a: b',
          'x #',
          'a\nb',
          '---',
          '...',
          '%h',
          '|',
          '>',
          '&a',
          '*a',
          '!t',
          '\u2028',
          'null',
          ' x ',
        ),
      )
      .map((each) => each.replace(/\p{Surrogate}/gu, ''))
    const name = fc.constantFrom('a', 'b', 'yes', 'no', 'null', 'on', 'service-1', 'x1e3')
    const service = fc.record({
      owner: text,
      description: text,
      repository: fc.option(fc.oneof(text, fc.webUrl()), {nil: undefined}),
      calls: fc.uniqueArray(name, {maxLength: 3}).map((calls) => calls.sort()),
    })
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, service, {maxKeys: 4}), async (described) => {
        const from = new Catalog(new MemoryStore())
        for (const [key, {calls, repository, ...rest}] of Object.entries(described)) {
          // An address with a password in it never gets this far, and nothing calls itself.
          const address = repository?.includes('@') === true ? undefined : repository
          const others = calls.filter((call) => call !== key)
          const more = {
            ...(address !== undefined && {repository: address}),
            ...(others.length > 0 && {calls: others}),
          }
          const write = from.services.put(keys.service(key), aService({name: key, ...rest, ...more}))
          await from.commit('', [], [write])
        }
        catalog = new Catalog(new MemoryStore())
        const exported = await exportText(from)
        if (exported !== '') await importText(exported)
        const strip = ({record: {calls, description, name: key, owner, repository}}: {record: Service}) => {
          return {key, owner, description, repository, calls}
        }
        expect((await catalog.services.list(keys.services)).records.map(strip)).toEqual(
          (await from.services.list(keys.services)).records.map(strip),
        )
      }),
      {numRuns: 300},
    )
  })
})
