import {type Catalog} from '../../catalog/catalog.js'
import {type BadRecord, type Stored} from '../../catalog/collection.js'
import {keys} from '../../catalog/keys.js'
import {reportBad} from '../../catalog/report-bad.js'
import {type Report} from '../../contracts/report.js'
import {type StoreEntry} from '../../contracts/store.js'
import {
  declaredEnvironmentRecord,
  declaredHostRecord,
  environmentChanges,
  hostChanges,
} from '../../domain/environment-changes.js'
import {type Environment, type Host, localEnvironmentName} from '../../domain/environment.js'
import {type FieldChange} from '../../domain/field-changes.js'
import {type DeclaredEnvironment, type Platform} from '../../domain/platform-file.js'
import {noOccupants, type Occupants, occupantsOf, whatIsThere} from './occupants.js'

export interface PlanNeeds {
  catalog: Catalog
  report: Report
}

/** One thing in which the catalog differs from the platform file. */
export interface CatalogChange {
  kind: 'add' | 'change' | 'remove'
  what: 'environment' | 'host'
  environment: string
  host?: string
  fields: FieldChange[]
  /** Why it can't be done as things are. */
  blocked?: string
}

/** An environment as it is and as it shall be. `wanted` is what is there already when nothing of it is declared. */
export interface PlannedEnvironment {
  name: string
  present: Environment | undefined
  modRevision: number
  wanted: Environment | undefined
  change: CatalogChange | undefined
  hosts: PlannedHost[]
}

export interface PlannedHost {
  name: string
  modRevision: number
  /** Undefined: to be removed. */
  wanted: Host | undefined
  change: CatalogChange
}

/**
 * What is to be done so that the catalog has what the file declares, in the order it's done in. What was declared
 * before and is so no more is removed; what was added by hand stays.
 */
export async function planPlatform(
  {catalog, report}: PlanNeeds,
  platform: Pick<Platform, 'environments'>,
): Promise<PlannedEnvironment[]> {
  const present = await readRecords(catalog, keys.environments, catalog.environments)
  reportBad(report, present.bad)
  const declared = new Map(platform.environments.map((each) => [each.name, each]))
  const names = new Set([...declared.keys(), ...present.byName.keys()])
  const planned: PlannedEnvironment[] = []
  for (const name of names) {
    const stored = present.byName.get(name)
    planned.push(await planEnvironment({catalog, report}, name, declared.get(name), stored))
  }
  return planned
}

/** All differences, in the order in which they are made. */
export function changesOf(planned: readonly PlannedEnvironment[]): CatalogChange[] {
  const isRemoval = ({kind}: CatalogChange) => kind === 'remove'
  const environments = planned.flatMap(({change}) => (change === undefined ? [] : [change]))
  const made = planned.flatMap(({change, hosts}) => [
    ...(change === undefined || isRemoval(change) ? [] : [change]),
    ...hosts.map((host) => host.change).filter((each) => !isRemoval(each)),
  ])
  const removed = planned.flatMap(({hosts}) => hosts.map(({change}) => change).filter(isRemoval))
  return [...made, ...removed, ...environments.filter(isRemoval)]
}

async function planEnvironment(
  {catalog, report}: PlanNeeds,
  name: string,
  declared: DeclaredEnvironment | undefined,
  stored: Found<Environment> | undefined,
): Promise<PlannedEnvironment> {
  const present = stored?.record
  const hosts = await readRecords(catalog, keys.hosts(name), catalog.hosts)
  reportBad(report, hosts.bad)
  const isRemoved = declared === undefined && present?.declared === true && name !== localEnvironmentName
  const removed = [...hosts.byName.values()].filter(
    ({record}) =>
      record?.declared === true && declared?.hosts.some((each) => each.name === record.name) !== true,
  )
  const occupants = isRemoved || removed.length > 0 ? await occupantsOf(catalog, name) : noOccupants
  const wanted =
    declared === undefined ? (isRemoved ? undefined : present) : declaredEnvironmentRecord(declared, present)
  const plannedHosts = [
    ...(declared?.hosts ?? []).flatMap((each) => {
      const found = hosts.byName.get(each.name)
      return planHost(declaredHostRecord(name, each, found?.record), found)
    }),
    ...removed.flatMap(({modRevision, record}) =>
      record === undefined ? [] : [planHostRemoval(record, modRevision, occupants)],
    ),
  ]
  const gone = new Set(plannedHosts.filter((host) => host.wanted === undefined).map((host) => host.name))
  return {
    name,
    present,
    modRevision: stored?.modRevision ?? 0,
    wanted,
    change: isRemoved
      ? removal(name, {...occupants, hosts: occupants.hosts.filter((host) => !gone.has(host))})
      : environmentChange(wanted, stored),
    hosts: plannedHosts,
  }
}

function environmentChange(
  wanted: Environment | undefined,
  stored: Found<Environment> | undefined,
): CatalogChange | undefined {
  if (wanted === undefined || wanted === stored?.record) return undefined
  const fields = [...distrust(stored), ...environmentChanges(stored?.record, wanted)]
  if (fields.length === 0) return undefined
  return {kind: kindOf(stored), what: 'environment', environment: wanted.name, fields}
}

function planHost(wanted: Host, stored: Found<Host> | undefined): PlannedHost[] {
  const {environment, name} = wanted
  const fields = [...distrust(stored), ...hostChanges(stored?.record, wanted)]
  if (fields.length === 0) return []
  const change: CatalogChange = {kind: kindOf(stored), what: 'host', environment, host: name, fields}
  return [{name, modRevision: stored?.modRevision ?? 0, wanted, change}]
}

function planHostRemoval(
  {environment, name}: Host,
  modRevision: number,
  {instances}: Pick<Occupants, 'instances'>,
): PlannedHost {
  const there = instances.filter(({host}) => host === name)
  const change: CatalogChange = {kind: 'remove', what: 'host', environment, host: name, fields: []}
  if (there.length > 0) change.blocked = whatIsThere({...noOccupants, instances: there})
  return {name, modRevision, wanted: undefined, change}
}

function removal(name: string, occupants: Occupants): CatalogChange {
  const there = whatIsThere(occupants)
  const blocked = there === '' ? {} : {blocked: there}
  return {kind: 'remove', what: 'environment', environment: name, fields: [], ...blocked}
}

function kindOf(stored: unknown): 'add' | 'change' {
  return stored === undefined ? 'add' : 'change'
}

/** What stands under a key: a record, or something that can't be trusted and that the declared record replaces. */
interface Found<T> {
  record: T | undefined
  modRevision: number
  why?: string
}

function distrust(stored: Found<unknown> | undefined): FieldChange[] {
  if (stored?.why === undefined) return []
  return [{field: 'record', before: `can't be trusted: ${stored.why}`, after: 'as declared'}]
}

interface Reader<T> {
  readAll(entries: readonly StoreEntry[]): {records: Stored<T>[]; bad: BadRecord[]}
}

async function readRecords<T>(
  catalog: Catalog,
  prefix: string,
  reader: Reader<T>,
): Promise<{byName: Map<string, Found<T>>; bad: BadRecord[]}> {
  const byName = new Map<string, Found<T>>()
  const bad: BadRecord[] = []
  for (const entry of (await catalog.store.range(prefix)).entries) {
    const read = reader.readAll([entry])
    bad.push(...read.bad)
    const [problem] = read.bad
    const found: Found<T> = {record: read.records[0]?.record, modRevision: entry.modRevision}
    byName.set(entry.key.slice(prefix.length), problem === undefined ? found : {...found, why: problem.why})
  }
  return {byName, bad}
}
