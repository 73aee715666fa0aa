import {type Catalog} from '../../catalog/catalog.js'
import {type BadRecord, unchanged} from '../../catalog/collection.js'
import {findEnvironment, refuse} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {type Report} from '../../contracts/report.js'
import {hostChanges, learnedOf} from '../../domain/environment-changes.js'
import {type Environment, type Host, hostSchema, isAddressOfOneMachine} from '../../domain/environment.js'
import {type FieldChange} from '../../domain/field-changes.js'
import {parseName, printable} from '../../domain/names.js'
import {check} from '../../domain/schema.js'
import {YardError} from '../../errors.js'
import {refuseLocal} from './local.js'

export interface AddHostNeeds {
  catalog: Catalog
  report: Report
  /** Returns once a person agreed to a change of a protected environment. @throws YardError E_NOT_CONFIRMED */
  confirmProtected: (change: {environment: string; purpose: string}) => Promise<void>
}

export interface AddHostRequest {
  environment: string
  host: string
  address: string
  /** Kept as they are when they aren't given. */
  zone: string | undefined
  description: string | undefined
  /** Whether it faces the outside. */
  edge: boolean | undefined
  /** Environments of the platform file. */
  declaredEnvironments: readonly string[]
  dryRun: boolean
}

export interface AddHostReport {
  outcome: 'added' | 'changed' | 'unchanged'
  dryRun: boolean
  host: Host
  changes: FieldChange[]
}

/**
 * Puts a host into an environment. Again is an update.
 * @throws YardError E_NAME_INVALID, E_ENVIRONMENT_UNKNOWN, E_USAGE for an address that is none, E_NOT_CONFIRMED
 */
export async function addHost(needs: AddHostNeeds, request: AddHostRequest): Promise<AddHostReport> {
  const {catalog} = needs
  const {declaredEnvironments, dryRun} = request
  const name = parseName('host', request.host)
  parseName('environment', request.environment)
  refuseLocal(`add ${name} to`, request.environment)
  checkParts(request)
  const {name: environment} = await findEnvironment(catalog, request.environment, declaredEnvironments)
  let isConfirmed = dryRun
  for (;;) {
    const place = await placeOf(catalog, environment, name)
    const host = wantedHost({...request, environment, host: name}, place.present)
    const changes = hostChanges(place.present, host)
    if (place.present !== undefined && changes.length === 0) {
      return {outcome: 'unchanged', dryRun, host: place.present, changes}
    }
    if (!isConfirmed) await needs.confirmProtected({environment, purpose: `add ${name} to ${environment}`})
    isConfirmed = true
    const outcome = place.present === undefined ? 'added' : 'changed'
    if (!dryRun && !(await put(catalog, place, host))) continue
    if (changes.some(({field}) => field === 'address')) await warnOfShared(needs, host)
    if (host.edge === true && place.environment.edge === undefined) {
      const text = `${environment} has no edge yet, so ${name} serves nobody outside: declare edge: in yard.yaml`
      needs.report({kind: 'warning', text})
    }
    if (host.declared === true) {
      needs.report({
        kind: 'warning',
        text: `yard.yaml declares ${name}: "yard catalog apply" puts its values back`,
      })
    }
    return {outcome, dryRun, host, changes}
  }
}

/** What is where the host belongs, and what its writing assumes. */
interface Place {
  environment: Environment
  environmentRevision: number
  present: Host | undefined
  hostRevision: number
}

async function placeOf(catalog: Catalog, environment: string, name: string): Promise<Place> {
  const stored = await catalog.environments.get(keys.environment(environment), refuse)
  // It was removed just now: said in the same way as if it had never been.
  if (stored === undefined) return placeOf(catalog, (await findEnvironment(catalog, environment)).name, name)
  const key = keys.host(environment, name)
  const bad: BadRecord[] = []
  const present = await catalog.hosts.get(key, (record) => void bad.push(record))
  // A record that can't be read is replaced, which is what the person asked for.
  const entry = bad.length === 0 ? present : await catalog.store.get(key)
  return {
    environment: stored.record,
    environmentRevision: stored.modRevision,
    present: present?.record,
    hostRevision: entry?.modRevision ?? 0,
  }
}

/**
 * Writes the environment, too, as it is: whoever removes it at this moment assumed that nothing was added to it, and
 * finds that it was.
 */
async function put(catalog: Catalog, place: Place, host: Host): Promise<boolean> {
  const [environmentKey, hostKey] = [
    keys.environment(host.environment),
    keys.host(host.environment, host.name),
  ]
  const written = await catalog.attempt(
    [
      unchanged(environmentKey, {modRevision: place.environmentRevision}),
      unchanged(hostKey, {modRevision: place.hostRevision}),
    ],
    [catalog.environments.put(environmentKey, place.environment), catalog.hosts.put(hostKey, host)],
  )
  return written !== false
}

/** Two names for one machine would run two supervisors on it. */
async function warnOfShared({catalog, report}: AddHostNeeds, host: Host): Promise<void> {
  const {records} = await catalog.hosts.list(keys.hosts(host.environment))
  const others = records.map(({record}) => record).filter(({name}) => name !== host.name)
  const same = others.filter(({address}) => address === host.address).map(({name}) => name)
  if (same.length === 0) return
  report({kind: 'warning', text: `${host.address} is the address of ${same.slice(0, 5).join(', ')}, too`})
}

function wantedHost(
  {address, description, edge, environment, host, zone}: AddHostRequest,
  present: Host | undefined,
): Host {
  const wantedZone = zone ?? present?.zone
  return {
    v: 1,
    name: host,
    environment,
    address,
    description: description ?? present?.description ?? '',
    ...(wantedZone !== undefined && {zone: wantedZone}),
    ...((edge ?? present?.edge) === true && {edge: true}),
    ...learnedOf(present, address),
    ...(present?.declared === true && {declared: true}),
  }
}

/** The rules of the record, told in the words of the command line. */
function checkParts(request: AddHostRequest): void {
  const {address, zone} = request
  const checked = check(hostSchema, wantedHost(request, undefined))
  if (checked.ok && isAddressOfOneMachine(address)) return
  if (checked.ok) throw refused(request, `${address} is not the address of one machine`)
  const [problem] = checked.problems
  const part = String(problem?.path[0])
  const whys: Record<string, string> = {
    address: `${printable(address)} is not an IPv4 address: four decimal numbers from 0 to 255, without leading zeros`,
    zone: `${printable(zone ?? '')} is not a name: 1 to 40 lower-case letters, digits and single dashes`,
    description: 'the description is longer than 2000 characters',
  }
  throw refused(request, whys[part] ?? `${part} ${problem?.message ?? 'is invalid'}`)
}

function refused({environment, host}: AddHostRequest, why: string): YardError {
  return new YardError('E_USAGE', {
    what: `Can't add ${host} to ${environment}`,
    why,
    next: [`yard hosts add ${host} --env ${environment} --address 10.0.0.11 --zone a`],
  })
}
