// The catalog of a platform of 10,000 services with 30,000 instances on 500 hosts, on each store.
import {spawnSync} from 'node:child_process'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import {fileURLToPath} from 'node:url'

import {makeLibrary, openStoreAt} from './catalog/library.mjs'
import {catalogRecords, environment, statusRecords} from './catalog/records.mjs'
import {newFile, runYard, startStores, yard} from './catalog/stores.mjs'
import {compare} from './measure.mjs'

const child = fileURLToPath(new URL('catalog/child.mjs', import.meta.url))
/** Longer than any bench takes. */
const leaseMillis = 24 * 3_600_000

export async function bench() {
  const work = mkdtempSync(path.join(os.tmpdir(), 'yard-bench-'))
  const made = await makeLibrary()
  const stops = []
  try {
    const library = await import(made.file)
    const records = [...catalogRecords()]
    const full = newFile(work, 'full')
    await fill(library, `sqlite:${full}`, records)
    const met = [commandsAreQuick(work, full, records)]
    const stores = await startStores(work, library)
    stops.push(...stores.filter(({stop}) => stop !== undefined).map(({stop}) => stop))
    met.push(...measureStores({work, library: made.file, full, stores}))
    return met.every(Boolean)
  } finally {
    for (const stop of stops) await stop()
    made.remove()
    rmSync(work, {recursive: true, force: true})
  }
}

/** Writes the records as yard and the hosts of the platform would have. */
async function fill(library, url, records) {
  const store = await openStoreAt(library, url)
  const leases = new Map()
  const writes = records.map(([key, record]) => ({put: key, value: JSON.stringify(record)}))
  for (const [key, record, host] of statusRecords(records)) {
    if (!leases.has(host)) leases.set(host, await store.grantLease(leaseMillis))
    writes.push({put: key, value: JSON.stringify(record), lease: leases.get(host)})
  }
  for (let start = 0; start < writes.length; start += 128)
    await store.transact([], writes.slice(start, start + 128))
  await store.close()
}

function commandsAreQuick(work, full, records) {
  const service = records.find(([key]) => key.includes('/services/'))[1].name
  const on = (file, ...args) => ({
    file: process.execPath,
    args: [yard, ...args],
    env: {YARD_STATE_DIR: path.dirname(file), YARD_ENV: 'local'},
  })
  const empty = newFile(work, 'empty')
  const there = ['--env', environment, '--json']
  const best = compare(
    [
      {name: 'services list, empty', command: () => on(empty, 'services', 'list')},
      {name: 'services list --json, empty', command: () => on(empty, 'services', 'list', '--json')},
      {name: 'services list --json', command: () => on(full, 'services', 'list', ...there)},
      {name: 'services show --json', command: () => on(full, 'services', 'show', service, ...there)},
      {name: 'the rows alone, by the driver', command: () => plainRead(full)},
    ],
    9,
  )
  console.log(`\nCommands on ${records.length} records and 30,000 statuses in SQLite`)
  for (const [name, millis] of best) console.log(`  ${name.padEnd(34)} ${show(millis)} ms CPU`)
  const above = best.get('services list --json') - best.get('services list --json, empty')
  const ratio = best.get('services show --json') / best.get('services list, empty')
  return [
    judge('services list --json above an empty catalog', above, 250, 'ms CPU'),
    judge('services show beside services list on an empty catalog', ratio, 1.2, 'times'),
  ].every(Boolean)
}

/** What nobody can do without: Node, and the rows that the list is made from, unchecked and not understood. */
function plainRead(file) {
  const script = `
    import {DatabaseSync} from '@photostructure/sqlite'
    const rows = new DatabaseSync(process.argv[1]).prepare('SELECT key, value FROM entries WHERE key >= ? AND key < ?')
    for (const prefix of ['services', 'in/${environment}/rt', 'in/${environment}/status'])
      rows.all('/yard/v1/' + prefix + '/', '/yard/v1/' + prefix + '0')`
  return {file: process.execPath, args: ['--input-type=module', '-e', script, file], cwd: path.dirname(child)}
}

function measureStores({work, library, full, stores}) {
  const file = path.join(work, 'catalog.json')
  writeFileSync(file, runYard(['catalog', 'export', '--catalog', `sqlite:${full}`], {}))
  const met = []
  for (const {name, url, env, missing} of stores) {
    console.log(`\nThe store ${name}`)
    if (missing !== undefined) {
      console.log(`  - skipped: ${missing}`)
      continue
    }
    const began = performance.now()
    runYard(['catalog', 'import', file, '--yes', '--json', '--catalog', url], env)
    met.push(judge('import of the whole catalog', (performance.now() - began) / 1_000, 20, 's'))
    const runs = [1, 2, 3, 4, 5].map(() => measure(library, 'snapshot', url, env))
    const millis = Math.min(...runs.map((run) => run.millis))
    met.push(judge(`snapshot of ${runs[0].records} records`, millis, name === 'sqlite' ? 400 : 800, 'ms CPU'))
    const {p50, p99, deliveries} = measure(library, 'watch', url, env)
    met.push(
      judge(`p99 of ${deliveries} deliveries to 200 watchers (p50 ${p50.toFixed(0)} ms)`, p99, 100, 'ms'),
    )
  }
  return met
}

function measure(library, what, url, env) {
  const ended = spawnSync(process.execPath, [child, library, what, url], {
    env: {...process.env, ...env},
    encoding: 'utf8',
  })
  if (ended.status !== 0) throw new Error(`${what} of ${url}: ${ended.stderr}`)
  return JSON.parse(ended.stdout)
}

function judge(what, value, most, unit) {
  const isMet = value <= most
  const shown = unit === 'times' ? value.toFixed(2) : show(value).trim()
  console.log(`  ${isMet ? '✓' : '✗'} ${what}: ${shown} ${unit}, at most ${most}`)
  return isMet
}

function show(value) {
  return value.toFixed(value < 10 ? 1 : 0).padStart(6)
}
