import {writeFileSync} from 'node:fs'
import path from 'node:path'

import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {catalogPlaces} from './support/catalog-places.js'
import {PlainService} from './support/plain-service.js'
import {Sandbox} from './support/sandbox.js'

/** One after another, and back to the first kind. */
const places = catalogPlaces()
const missing = places.find((place) => place.missing !== undefined)?.missing

const describeWhereAll = missing === undefined ? describe : describe.skip

describeWhereAll(`a catalog that moves${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  const origin = new Sandbox()
  const others: Sandbox[] = []
  const closers: (() => Promise<void>)[] = []
  let text: string

  beforeAll(async () => {
    for (const name of ['billing', 'identity', 'constructor']) {
      const service = new PlainService(origin, name)
      await origin.mustRun(['register'], {cwd: service.root})
    }
    await origin.mustRun(['environments', 'add', 'staging'])
    await origin.mustRun(['hosts', 'add', 'web-1', '--env', 'staging', '--address', '10.0.0.11'])
    await origin.mustRun(['config', 'set', 'billing', 'MOTTO=naïve "quotes" \\ 👩‍🚀', '--env', 'staging'])
    await origin.mustRun(['config', 'set', 'billing', 'KEY', '--secret', '--env', 'staging'], {input: 'x'})
    await origin.mustRun(['consumers', 'add', 'billing', '--of', 'identity'])
    text = (await origin.mustRun(['catalog', 'export'])).stdout
  })
  afterAll(async () => {
    for (const sandbox of [origin, ...others]) await sandbox.dispose()
    for (const close of closers) await close()
  })

  test('from SQLite to etcd, to HTTP and to SQLite again is the same to the byte', async () => {
    expect(text).toContain('billing')
    for (const place of [...places.slice(1), places[0]!]) {
      const next = new Sandbox()
      others.push(next)
      closers.push((await place.open(next)).close)
      const file = path.join(next.home, 'catalog.json')
      writeFileSync(file, text)
      await next.mustRun(['catalog', 'import', file, '--yes'])
      text = expectSame(place.name, (await next.mustRun(['catalog', 'export'])).stdout, text)
    }
  })
})

function expectSame(name: string, got: string, wanted: string): string {
  expect({name, text: got}).toEqual({name, text: wanted})
  return got
}
