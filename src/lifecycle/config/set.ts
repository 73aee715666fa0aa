import {type Catalog} from '../../catalog/catalog.js'
import {unchanged} from '../../catalog/collection.js'
import {keys} from '../../catalog/keys.js'
import {type Clock} from '../../contracts/clock.js'
import {type StoreEntry} from '../../contracts/store.js'
import {type ConfigContent, type ConfigValue} from '../../domain/config-value.js'
import {YardError} from '../../errors.js'
import {type ConfigTarget, findTarget, type FoundTarget} from './target.js'

export interface ConfigSetNeeds {
  catalog: Catalog
  clock: Clock
  /** Who is at work, for the records. */
  actor: string
}

export interface ConfigSetRequest extends ConfigTarget {
  values: readonly NewValue[]
  dryRun: boolean
}

/** A variable and what it becomes. */
export interface NewValue {
  name: string
  content: ConfigContent
}

export interface ConfigSetReport {
  environment: string
  /** Absent: shared by all services of the environment. */
  service?: string
  dryRun: boolean
  variables: SetVariable[]
  /** The release that goes on without the change until the next deploy. */
  live?: number
}

export interface SetVariable {
  name: string
  kind: ConfigContent['kind']
  outcome: 'added' | 'changed' | 'unchanged'
  /** What it was, when that was of another kind. */
  was?: ConfigContent['kind']
}

/** One transaction takes so many variables; more are set in several. */
const mostAtOnce = 100
const attempts = 200

/**
 * Sets variables of a service in an environment, or of all its services. Up to 100 appear together or not at all.
 * @throws YardError E_SERVICE_UNKNOWN, E_ENVIRONMENT_UNKNOWN, E_CONFLICT
 */
export async function setConfig(needs: ConfigSetNeeds, request: ConfigSetRequest): Promise<ConfigSetReport> {
  const variables: SetVariable[] = []
  let target = await findTarget(needs.catalog, request)
  for (let first = 0; first < request.values.length; first += mostAtOnce) {
    const values = request.values.slice(first, first + mostAtOnce)
    const done = await setTogether(needs, request, values)
    variables.push(...done.variables)
    target = done.target
  }
  const {environment, live, service} = target
  return {
    environment,
    ...(service !== undefined && {service}),
    dryRun: request.dryRun,
    variables,
    ...(live !== undefined && {live}),
  }
}

async function setTogether(
  needs: ConfigSetNeeds,
  request: ConfigSetRequest,
  values: readonly NewValue[],
): Promise<{target: FoundTarget; variables: SetVariable[]}> {
  const {catalog} = needs
  for (let attempt = 0; attempt < attempts; attempt++) {
    const target = await findTarget(catalog, request)
    const present = await catalog.store.range(keys.config(target.environment, target.service))
    const changes = values.map((value) => changeOf(catalog, target, value, present.entries))
    const variables = changes.map(({variable}) => variable)
    const due = changes.filter(({variable}) => variable.outcome !== 'unchanged')
    if (request.dryRun || due.length === 0) return {target, variables}
    const writes = due.map(({content, key, variable}) =>
      catalog.config.put(key, recordOf(needs, target, variable.name, content)),
    )
    const compares = changes.map(({entry, key}) => unchanged(key, entry))
    if ((await catalog.attempt([...target.compares, ...compares], writes)) !== false) {
      return {target, variables}
    }
  }
  throw new YardError('E_CONFLICT', {
    what: "Can't set these variables",
    why: 'others change the same ones all the time',
    next: ['run the command again'],
  })
}

interface Change {
  key: string
  /** As it is in the store; a record that can't be trusted is replaced by what the person asked for. */
  entry: StoreEntry | undefined
  content: ConfigContent
  variable: SetVariable
}

function changeOf(
  catalog: Catalog,
  {environment, service}: FoundTarget,
  {content, name}: NewValue,
  present: readonly StoreEntry[],
): Change {
  const key = keys.configValue(environment, service, name)
  const entry = present.find((each) => each.key === key)
  const before = entry && catalog.config.readAll([entry]).records[0]?.record.content
  const isSame = before !== undefined && isSameContent(before, content)
  const variable: SetVariable = {
    name,
    kind: content.kind,
    outcome: isSame ? 'unchanged' : entry === undefined ? 'added' : 'changed',
    ...(before !== undefined && before.kind !== content.kind && {was: before.kind}),
  }
  return {key, entry, content, variable}
}

function recordOf(
  {actor, clock}: ConfigSetNeeds,
  {environment, service}: FoundTarget,
  name: string,
  content: ConfigContent,
): ConfigValue {
  return {
    v: 1,
    name,
    environment,
    ...(service !== undefined && {service}),
    content,
    setBy: actor,
    setAt: clock.now().toISOString(),
  }
}

/** Sealed text is different each time, so a secret that is set again counts as changed. */
function isSameContent(one: ConfigContent, other: ConfigContent): boolean {
  if (one.kind === 'plain') return other.kind === 'plain' && one.value === other.value
  return one.kind === 'reference' && other.kind === 'reference' && one.reference === other.reference
}
