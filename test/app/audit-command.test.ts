import {beforeEach, expect, test} from '@jest/globals'

import {SystemClock} from '../../src/adapters/clock-system/index.js'
import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {type AuditedCommand, auditCommand, shapeOf} from '../../src/app/audit-command.js'
import {type Yard} from '../../src/app/yard.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {type Store} from '../../src/contracts/store.js'
import {type YardEvent} from '../../src/contracts/report.js'
import Deploy from '../../src/commands/deploy/index.js'
import {type AuditEntry} from '../../src/domain/audit-entry.js'
import {YardError} from '../../src/errors.js'

let store: MemoryStore & {tokenName?: () => Promise<string | undefined>}
let identity: () => Promise<string | undefined>
let events: YardEvent[]

beforeEach(() => {
  store = new MemoryStore()
  identity = async () => 'Ada <ada@example.com>'
  events = []
})

async function audit(changes: Partial<AuditedCommand> = {}, used: Store = store): Promise<AuditEntry[]> {
  const yard = {
    actor: 'ada@laptop',
    machine: 'laptop',
    workingDirectory: '/',
    clock: new SystemClock(),
    report: (event: YardEvent) => void events.push(event),
    catalog: async () => new Catalog(used),
    repository: async () => ({identity: () => identity()}),
  } as unknown as Yard
  await auditCommand(yard, {
    command: 'config:set',
    argv: ['billing', 'KEY=canary', '--env', 'staging'],
    shape: {flags: {env: {takesValue: true}}, args: ['service']},
    flags: {env: 'staging'},
    args: {service: 'billing'},
    startedAt: new Date(),
    result: undefined,
    error: undefined,
    ...changes,
  })
  const {records} = await new Catalog(store).auditEntries.list(keys.auditEntries)
  return records.map(({record}) => record)
}

test('a row says who, where, what and how long, and nothing that may be secret', async () => {
  store.tokenName = async () => 'ci'

  const [row] = await audit()

  expect(row).toMatchObject({
    by: 'ada@laptop',
    git: 'Ada <ada@example.com>',
    token: 'ci',
    host: 'laptop',
    command: 'config set',
    arguments: ['billing', 'KEY=…', '--env', 'staging'],
    service: 'billing',
    environment: 'staging',
    outcome: 'done',
  })
  expect(JSON.stringify(row)).not.toContain('canary')
})

test('the service is taken from the result or the failure when no argument names it', async () => {
  const error = new YardError('E_DEPLOY_FAILED', {
    what: 'x',
    why: 'y',
    next: ['z'],
    details: {service: 'kudos'},
  })
  await audit({args: {}, result: {service: 'hello'}})
  await audit({args: {}, result: {service: {name: 'world'}}})
  await audit({args: {}, error})
  await audit({args: {}, result: [], error: new Error('a bug')})

  const rows = await audit({args: {service: '../evil'}})
  expect(rows.map(({service}) => service)).toEqual(['hello', 'world', 'kudos', undefined, undefined])
  expect(rows.map(({code}) => code)).toEqual([undefined, undefined, 'E_DEPLOY_FAILED', 'BUG', undefined])
})

test('what stands where a service belongs is kept only when it may be one', async () => {
  const refused = (code: 'E_SERVICE_UNKNOWN' | 'E_USAGE') =>
    new YardError(code, {what: 'x', why: 'y', next: ['z']})
  const typed = {argv: ['hunter2'], args: {service: 'hunter2'}, flags: {}}
  await audit({...typed, flags: {shared: true}})
  await audit({...typed, error: refused('E_SERVICE_UNKNOWN')})
  const rows = await audit({...typed, error: refused('E_USAGE')})

  expect(rows).toHaveLength(3)
  expect(JSON.stringify(rows)).not.toContain('hunter2')
})

test('neither git nor the server of the catalog can make a command fail', async () => {
  identity = async () => {
    throw new Error('git is damaged')
  }
  store.tokenName = async () => {
    throw new Error('unreachable')
  }

  expect(await audit()).toMatchObject([{outcome: 'done'}])
  expect(events).toEqual([])
})

test('a store that refuses the row is warned of after success, and is silent after a failure', async () => {
  const full = Object.assign(Object.create(store) as MemoryStore, {
    transact: async () => {
      throw new YardError('E_DISK_FULL', {what: "Can't write", why: 'the disk is full', next: ['free some']})
    },
  })

  await audit({}, full)
  await audit({error: new Error('it')}, full)

  expect(events).toEqual([
    {kind: 'warning', text: "the audit has no row of this: Can't write: the disk is full"},
  ])
})

test('what a command declares is read from its class', () => {
  const {args, flags} = shapeOf(Deploy)
  expect(args).toEqual([])
  expect(flags).toMatchObject({
    env: {char: 'e', takesValue: true},
    'dry-run': {takesValue: false},
    catalog: {takesValue: true},
    json: {takesValue: false},
  })
})

test('a promotion is told of the environment where it goes', async () => {
  const [row] = await audit({command: 'promote', argv: [], flags: {from: 'staging', to: 'production'}})

  expect(row).toMatchObject({command: 'promote', environment: 'production'})
})
