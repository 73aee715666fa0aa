import {type Catalog} from '../../catalog/catalog.js'
import {unchanged} from '../../catalog/collection.js'
import {keys} from '../../catalog/keys.js'
import {environmentChanges} from '../../domain/environment-changes.js'
import {
  defaultRouterPort,
  defaultRoutingHeader,
  type Environment,
  environmentSchema,
} from '../../domain/environment.js'
import {type FieldChange} from '../../domain/field-changes.js'
import {parseName, printable} from '../../domain/names.js'
import {check} from '../../domain/schema.js'
import {YardError} from '../../errors.js'
import {refuseLocal} from '../hosts/local.js'

export interface AddEnvironmentNeeds {
  catalog: Catalog
  /** Returns once a person agreed to a change of a protected environment. @throws YardError E_NOT_CONFIRMED */
  confirmProtected: (change: {environment: string; purpose: string}) => Promise<void>
}

/** What isn't given stays as it is. */
export interface AddEnvironmentRequest {
  environment: string
  order: number | undefined
  protected: boolean | undefined
  personal: boolean | undefined
  header: string | undefined
  port: number | undefined
  dryRun: boolean
}

export interface AddEnvironmentReport {
  outcome: 'added' | 'changed' | 'unchanged'
  dryRun: boolean
  environment: Environment
  changes: FieldChange[]
}

/**
 * Makes an environment. Again is an update.
 * @throws YardError E_NAME_INVALID, E_USAGE, E_NOT_CONFIRMED
 */
export async function addEnvironment(
  needs: AddEnvironmentNeeds,
  request: AddEnvironmentRequest,
): Promise<AddEnvironmentReport> {
  const {catalog} = needs
  const {dryRun} = request
  const name = parseName('environment', request.environment)
  refuseLocal('change', name)
  const key = keys.environment(name)
  let isConfirmed = dryRun
  for (;;) {
    const present = await catalog.environments.get(key)
    const environment = wanted(request, present?.record)
    checkRecord(environment, request)
    const changes = environmentChanges(present?.record, environment)
    if (present !== undefined && changes.length === 0) {
      return {outcome: 'unchanged', dryRun, environment: present.record, changes}
    }
    if (present !== undefined && !isConfirmed) {
      await needs.confirmProtected({environment: name, purpose: `change ${name}`})
    }
    isConfirmed = true
    const outcome = present === undefined ? 'added' : 'changed'
    if (dryRun) return {outcome, dryRun, environment, changes}
    // A record that can't be read is replaced, which is what the person asked for.
    const entry = present ?? (await catalog.store.get(key))
    const written = await catalog.attempt(
      [unchanged(key, entry)],
      [catalog.environments.put(key, environment)],
    )
    if (written !== false) return {outcome, dryRun, environment, changes}
  }
}

function wanted(request: AddEnvironmentRequest, present: Environment | undefined): Environment {
  const order = request.order ?? present?.order
  const isProtected = request.protected ?? present?.protected
  const isPersonal = request.personal ?? present?.personal
  // What only the platform file sets stays as it is.
  const {scope, statisticsPort} = present?.router ?? {}
  return {
    v: 1,
    name: request.environment,
    kind: 'hosts',
    ...(order !== undefined && {order}),
    ...(isProtected === true && {protected: true}),
    ...(isPersonal === true && {personal: true}),
    ...(present?.declared === true && {declared: true}),
    router: {
      address: present?.router.address ?? '127.0.0.1',
      port: request.port ?? present?.router.port ?? defaultRouterPort,
      header: request.header ?? present?.router.header ?? defaultRoutingHeader,
      ...(statisticsPort !== undefined && {statisticsPort}),
      ...(scope !== undefined && {scope}),
    },
    ...(present?.edge !== undefined && {edge: present.edge}),
  }
}

/** The rules of the record, told in the words of the command line. */
function checkRecord(environment: Environment, {header, port}: AddEnvironmentRequest): void {
  const checked = check(environmentSchema, environment)
  if (checked.ok) return
  const [problem] = checked.problems
  const part = String(problem?.path.at(-1))
  const whys: Record<string, string> = {
    header: `${printable(header ?? '')} is not the name of a header such as ${defaultRoutingHeader}`,
    port: `${port ?? ''} is not a port number from 1 to 65535`,
  }
  throw new YardError('E_USAGE', {
    what: `Can't add the environment ${environment.name}`,
    why: whys[part] ?? `${part} ${problem?.message ?? 'is invalid'}`,
    next: ['yard environments add --help'],
  })
}
