import {readFileSync, writeFileSync} from 'node:fs'
import path from 'node:path'

import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {Canary} from './support/canary.js'
import {type CatalogPlace, catalogPlaces, type OpenPlace} from './support/catalog-places.js'
import {get} from './support/http.js'
import {PlainService} from './support/plain-service.js'
import {eventually, Sandbox} from './support/sandbox.js'

for (const place of catalogPlaces()) {
  if (place.missing === undefined) describe(`a team's catalog in ${place.name}`, () => wholeLife(place))
  else test.skip(`a team's catalog in ${place.name} (skipped: ${place.missing})`, () => undefined)
}

/** Every command that touches the catalog, in the order in which a team comes to them. */
function wholeLife(place: CatalogPlace): void {
  const sandbox = new Sandbox()
  const canary = new Canary('canary-of-the-stores')
  let opened: OpenPlace | undefined
  let billing: PlainService
  let port: number
  const yard = async (line: string, input?: string) =>
    (await sandbox.mustRun(line.split(' '), input === undefined ? {} : {input})).stdout

  beforeAll(async () => {
    opened = await place.open(sandbox)
    billing = new PlainService(sandbox, 'billing')
    const identity = new PlainService(sandbox, 'identity')
    await yard('init')
    await sandbox.mustRun(['register'], {cwd: billing.root})
    await sandbox.mustRun(['register'], {cwd: identity.root})
  })
  afterAll(async () => {
    await sandbox.dispose()
    await opened?.close()
  })

  test('is shown with where it is, its revision, its counts and its health', async () => {
    const shown = await sandbox.json<{url: string; revision: number; health: {isHealthy: boolean}[]}>([
      'catalog',
      'show',
    ])
    expect(sandbox.variables['YARD_CATALOG']).toContain(shown.url.split(':')[0])
    expect(shown.revision).toBeGreaterThan(0)
    expect(shown.health.every(({isHealthy}) => isHealthy)).toBe(true)
    expect(await yard('catalog show')).toMatch(/service.*2/)
  })

  test('knows environments and hosts, added one by one or declared', async () => {
    await yard('environments add staging')
    await yard('environments add production --protected')
    await yard('hosts add web-1 --env staging --address 10.0.0.11 --zone a')
    await yard('hosts drain web-1 --env staging')
    expect(await yard('hosts list --env staging')).toMatch(/web-1.*10\.0\.0\.11.*a/)
    expect(await yard('hosts show web-1 --env staging')).toContain('drain')
    await yard('hosts enable web-1 --env staging')
    writeFileSync(
      path.join(sandbox.home, 'yard.yaml'),
      `${readFileSync(path.join(sandbox.home, 'yard.yaml'), 'utf8')}\nenvironments:\n  testing:\n    hosts:\n      test-1: {address: 10.0.1.1}\n`,
    )
    expect(await yard('catalog diff')).toContain('test-1')
    await yard('catalog apply --yes')
    expect(await yard('hosts list --env testing')).toContain('10.0.1.1')
    await yard('hosts remove web-1 --env staging')
    expect(await yard('hosts list --env staging')).not.toMatch(/^web-1/m)
    expect(await yard('environments list')).toMatch(/production/)
  })

  test('keeps config and secrets', async () => {
    await yard('config set billing STRIPE_MODE=test --env staging')
    await yard('config set billing STRIPE_KEY --secret --env staging', canary.text)
    await yard('config set --shared LOG_LEVEL=info --env staging')
    expect(await yard('config get billing STRIPE_MODE --env staging')).toContain('test')
    const listed = await yard('config list billing --env staging')
    expect(listed).toMatch(/LOG_LEVEL[^]*STRIPE_KEY[^]*STRIPE_MODE/)
    expect(listed).not.toContain('canary')
    expect(await yard('config diff billing --from staging --to production')).toContain('STRIPE_MODE')
    // What is found there would be found, so that not finding the secret means something.
    const directory = opened?.directory ?? ''
    expect(new Canary('STRIPE_MODE').filesWith(directory)).not.toEqual([])
    expect(canary.filesWith(directory)).toEqual([])
    await yard('config unset billing STRIPE_MODE --env staging')
    expect(await yard('config list billing --env staging')).not.toContain('STRIPE_MODE')
  })

  test('knows who may call whom', async () => {
    await yard('consumers add billing --of identity')
    expect(await yard('consumers list')).toMatch(/billing/)
    expect(await yard('graph')).toMatch(/billing[^]*identity/)
    expect(await yard('graph --format svg')).toContain('</svg>')
    await yard('check')
    await yard('consumers remove billing --of identity')
    expect(await yard('consumers list')).not.toMatch(/^billing/m)
  })

  test('runs a service, whose instances can be disabled and weighed', async () => {
    port = await sandbox.up()
    await sandbox.mustRun(['deploy'], {cwd: billing.root})
    expect((await get(port, {'Yard-Service': 'billing'})).json()).toMatchObject({release: 'billing-r1'})
    expect(await yard('instances list billing')).toContain('billing-r1@localhost')
    await yard('instances weight billing-r1@localhost 10')
    await yard('instances disable billing-r1@localhost --yes')
    await eventually('callers are told that it is down', async () =>
      (await get(port, {'Yard-Service': 'billing'})).status === 503 ? true : undefined,
    )
    await yard('instances enable billing-r1@localhost')
    await eventually('callers get answers again', async () =>
      (await get(port, {'Yard-Service': 'billing'})).status === 200 ? true : undefined,
    )
    expect(await yard('services list')).toMatch(/billing.*r1/)
    expect(await yard('status')).toContain('billing-r1')
  })

  test('refuses to remove what is in use', async () => {
    const removed = await sandbox.yard(['services', 'remove', 'billing', '--yes'])
    expect(removed).toMatchObject({code: 3, stderr: expect.stringContaining('E_SERVICE_IN_USE')})
    const environment = await sandbox.yard(['environments', 'remove', 'staging', '--yes'])
    expect(environment).toMatchObject({code: 3, stderr: expect.stringContaining('E_ENVIRONMENT_IN_USE')})
    const host = await sandbox.yard(['hosts', 'remove', 'localhost'])
    expect(host).toMatchObject({code: 2, stderr: expect.stringContaining('is this machine')})
  })

  test('shows locks, and breaks one when told to', async () => {
    const locks = await sandbox.json<{name: string}[]>(['lock', 'list'])
    expect(locks.map(({name}) => name).join()).toContain('local')
    expect(await yard('lock break --name supervisor/local/localhost --dry-run')).toContain('Would break')
    const nobody = await sandbox.yard(['lock', 'break', 'billing', '--yes'])
    expect(nobody).toMatchObject({code: 2, stderr: expect.stringContaining('E_LOCK_UNKNOWN')})
  })

  test('is exported, and imported again without a change', async () => {
    await sandbox.mustRun(['down'])
    const text = await yard('catalog export')
    const file = path.join(sandbox.home, 'catalog.json')
    writeFileSync(file, text)
    expect(canary.isIn(text)).toBe(false)
    expect(await yard(`catalog import ${file} --dry-run`)).toMatch(/nothing|unchanged|same/i)
    expect(await yard('catalog export')).toBe(text)
    expect(await yard('services export --format backstage')).toContain('kind: Component')
  })

  test('has an unbroken audit of all that', async () => {
    const rows = await sandbox.json<{command: string; outcome: string}[]>(['audit', '--limit', '200'])
    const commands = rows.map(({command}) => command)
    for (const command of ['register', 'hosts add', 'config set', 'consumers add', 'deploy'])
      expect(commands).toContain(command)
    expect(JSON.stringify(rows)).not.toContain('canary')
    expect(await yard('audit --service billing --since 1d')).toContain('config set')
    expect(await yard('audit verify')).toMatch(/\d+ rows/)
  })

  test('gives and takes tokens', async () => {
    const {token} = await sandbox.json<{token: string}>(['tokens', 'create', 'ci', '--role', 'reader'])
    expect(token).toMatch(/^yard_/)
    expect(await yard('tokens list')).not.toContain(token.slice(-20))
    await yard('tokens revoke ci')
  })
}
