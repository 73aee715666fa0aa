import {parseByteSize} from './byte-size.js'
import {
  defaultRouterPort,
  defaultRoutingHeader,
  type Environment,
  isAddressOfOneMachine,
  localEnvironmentName,
} from './environment.js'
import {platformFileGroupSchema, type PlatformFileText} from './platform-file-schema.js'
import {type Notifications, notificationsOf, withMailGroup} from './platform-notifications.js'
import {edgeProblems, httpsPortOf} from './platform-ports.js'
import {check, type Checked, type Problem} from './schema.js'
import {type Hooks} from './service.js'
import {withoutUnknownKeys} from './unknown-keys.js'
import {hookProblems, hooksOf, withHookGroups} from './written-hooks.js'

export const platformFileName = 'yard.yaml'
/** Larger files are refused unread. */
export const maxPlatformFileBytes = 256 * 1024

/** A platform file, checked, with its defaults filled in. */
export interface Platform {
  /** Absolute. Paths in it are relative to its directory. */
  file: string
  catalog?: NonNullable<PlatformFileText['catalog']>
  /** Who can open secrets: age public keys. */
  recipients: string[]
  /** In the order of deploys; `local` only when its routing is set. */
  environments: DeclaredEnvironment[]
  notifications: Notifications
  /** Run around every deploy, before those of the service. Absent: none. */
  hooks?: Hooks
  ssh: NonNullable<PlatformFileText['ssh']>
}

export interface DeclaredEnvironment {
  name: string
  order: number
  protected: boolean
  personal: boolean
  routing: DeclaredRouting
  edge?: Environment['edge']
  hosts: DeclaredHost[]
}

export type DeclaredRouting = Pick<Environment['router'], 'header' | 'port' | 'scope' | 'statisticsPort'>

export interface DeclaredHost {
  name: string
  address: string
  zone?: string
  description: string
  /** Faces the outside. */
  edge?: boolean
}

/**
 * Checks the value of a `yard.yaml`; all problems are listed, each with the path to its place. An empty file is a
 * valid one. Never throws.
 */
export function checkPlatformFile(value: unknown, file: string): Checked<Platform> {
  if (value !== undefined && (typeof value !== 'object' || value === null || Array.isArray(value))) {
    return {ok: false, problems: [{path: [], message: 'must be a group of keys and values'}]}
  }
  const normal = withHookGroups(withMailGroup(withCatalogGroup(value ?? {})))
  const {problems, stripped} = withoutUnknownKeys(normal, platformFileGroupSchema, platformFileName)
  const checked = check(platformFileGroupSchema, stripped)
  if (!checked.ok) return {ok: false, problems: [...problems, ...checked.problems]}
  problems.push(
    ...localProblems(checked.value),
    ...hostAddresses(checked.value),
    ...edgeProblems(checked.value),
    ...mailProblems(checked.value),
    ...hookProblems(checked.value.hooks),
  )
  return problems.length > 0 ? {ok: false, problems} : {ok: true, value: filled(checked.value, file)}
}

function withCatalogGroup(value: object): object {
  const {catalog} = value as {catalog?: unknown}
  return typeof catalog === 'string' ? {...value, catalog: {url: catalog}} : value
}

/** `local` is this machine: it has its own host, and comes first. */
function localProblems({environments}: PlatformFileText): Problem[] {
  const local = environments?.[localEnvironmentName] ?? {}
  return Object.keys(local)
    .filter((key) => key !== 'routing')
    .map((key) => ({
      path: ['environments', localEnvironmentName, key],
      message: "can't be set: local is this machine, and only its routing can be declared",
    }))
}

/** A password is of somebody, and is not for a server to guess. */
function mailProblems({notifications}: PlatformFileText): Problem[] {
  const {password, user} = notifications?.mail?.smtp ?? {}
  const path = ['notifications', 'mail', 'smtp']
  if (user !== undefined && password === undefined) {
    return [{path: [...path, 'user'], message: 'has no password beside it'}]
  }
  return password !== undefined && user === undefined
    ? [{path: [...path, 'password'], message: 'has no user beside it'}]
    : []
}

/** Each leads to one machine; two names for one would run two supervisors on it. */
function hostAddresses({environments = {}}: PlatformFileText): Problem[] {
  return Object.entries(environments).flatMap(([name, declared]) => {
    const seen = new Map<string, string>()
    return Object.entries(declared?.hosts ?? {}).flatMap(([hostName, {address}]): Problem[] => {
      const path = ['environments', name, 'hosts', hostName, 'address']
      if (!isAddressOfOneMachine(address)) return [{path, message: 'is not the address of one machine'}]
      const first = seen.get(address)
      if (first === undefined) {
        seen.set(address, hostName)
        return []
      }
      return [{path, message: `is the address of ${first}, too`}]
    })
  })
}

function filled(value: PlatformFileText, file: string): Platform {
  const {catalog, notifications, recipients = [], ssh = {}} = value
  const hooks = hooksOf(value.hooks)
  return {
    file,
    ...(catalog !== undefined && {catalog}),
    recipients: recipients.map((text) => text.split(/\s/, 1)[0] ?? text),
    environments: environmentsOf(value),
    notifications: notificationsOf(notifications),
    ...(hooks !== undefined && {hooks}),
    ssh,
  }
}

function environmentsOf({environments = {}, routing: whole}: PlatformFileText): DeclaredEnvironment[] {
  return Object.entries(environments)
    .map(([name, declared], index): DeclaredEnvironment => {
      const {hosts = {}, order = index + 1, personal = false, routing: own} = declared ?? {}
      return {
        name,
        order,
        protected: declared?.protected ?? false,
        personal,
        routing: routingOf(own, whole),
        ...(declared?.edge !== undefined && {edge: edgeOf(declared.edge)}),
        hosts: Object.entries(hosts).map(([hostName, given]) => ({
          name: hostName,
          address: given.address,
          description: given.description ?? '',
          ...(given.edge === true && {edge: true}),
          ...(given.zone !== undefined && {zone: given.zone}),
        })),
      }
    })
    .sort((left, right) => left.order - right.order)
}

function routingOf(own: PlatformFileText['routing'], whole: PlatformFileText['routing']): DeclaredRouting {
  const statisticsPort = own?.statisticsPort ?? whole?.statisticsPort
  const scope = own?.scope ?? whole?.scope
  return {
    port: own?.port ?? whole?.port ?? defaultRouterPort,
    header: own?.header ?? whole?.header ?? defaultRoutingHeader,
    ...(statisticsPort !== undefined && {statisticsPort}),
    ...(scope !== undefined && {scope}),
  }
}

const usualBodyBytes = 10 * 1024 ** 2

type EnvironmentText = NonNullable<NonNullable<PlatformFileText['environments']>[string]>

function edgeOf(given: NonNullable<EnvironmentText['edge']>): NonNullable<Environment['edge']> {
  const {certificates, httpPort = 80, maxBody = '10MB', redirect, requestsPerMinute} = given
  const httpsPort = httpsPortOf(given)
  return {
    httpPort,
    ...(httpsPort !== undefined && {httpsPort}),
    ...(certificates !== undefined && {certificates}),
    redirect: redirect ?? httpsPort !== undefined,
    ...(requestsPerMinute !== undefined && {requestsPerMinute}),
    maxBodyBytes: parseByteSize(maxBody) ?? usualBodyBytes,
  }
}
