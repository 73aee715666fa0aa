import {expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {checkPlatformFile, type Platform} from '../../../src/domain/platform-file.js'
import {applyPlatform, diffCatalog} from '../../../src/lifecycle/platform/apply.js'
import {aHost} from '../../fakes/records.js'

const store = new MemoryStore()
const catalog = new Catalog(store)
const needs = {
  catalog,
  report: () => undefined,
  onPlan: () => undefined,
  confirm: async () => undefined,
}

function platformOf(environments: unknown): Platform {
  const checked = checkPlatformFile({environments}, '/srv/yard.yaml')
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems))
  return checked.value
}

const apply = (environments: unknown) =>
  applyPlatform(needs, {platform: platformOf(environments), dryRun: false})

async function diff(environments: unknown): Promise<string[]> {
  const {changes} = await diffCatalog(needs, {platform: platformOf(environments)})
  return changes.map(({environment, fields, host, kind}) =>
    [kind, environment, host, ...fields.map(({after, field}) => `${field}:>${after ?? ''}`)]
      .filter((part) => part !== undefined)
      .join(' '),
  )
}

const plant = (entries: Record<string, unknown>) =>
  store.transact(
    [],
    Object.entries(entries).map(([put, value]) => ({put, value: JSON.stringify(value)})),
  )

test('the edge of an environment and of a host is declared; SSH keys that were pinned stay', async () => {
  const edge = {certificates: '/etc/yard/certificates', requestsPerMinute: 600}
  const hosts = {'web-1': {address: '10.0.0.11', edge: true}}
  await apply({staging: {hosts: {'web-1': {address: '10.0.0.11'}}}})
  const sshKeys = ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFo=']
  await plant({[keys.host('staging', 'web-1')]: aHost({sshKeys, user: 'yard', declared: true})})
  expect(await diff({staging: {hosts: {'web-1': {address: '10.0.0.11'}}}})).toEqual([])

  expect(await diff({staging: {edge, hosts, routing: {statisticsPort: 9000, scope: 'consumers'}}})).toEqual([
    'change staging edge.certificates:>/etc/yard/certificates edge.httpPort:>80 edge.httpsPort:>443 edge.maxBody:>10 MB edge.redirect:>yes edge.requestsPerMinute:>600 routing.scope:>consumers routing.statisticsPort:>9000',
    'change staging web-1 edge:>yes',
  ])
  await apply({staging: {edge, hosts}})

  expect((await catalog.hosts.get(keys.host('staging', 'web-1')))?.record).toEqual(
    aHost({sshKeys, user: 'yard', edge: true, declared: true}),
  )
  expect((await catalog.environments.get(keys.environment('staging')))?.record.edge).toEqual({
    httpPort: 80,
    httpsPort: 443,
    certificates: '/etc/yard/certificates',
    redirect: true,
    requestsPerMinute: 600,
    maxBodyBytes: 10 * 1024 ** 2,
  })
  await apply({staging: {}})
  expect((await catalog.environments.get(keys.environment('staging')))?.record.edge).toBeUndefined()
})
