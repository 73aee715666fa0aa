import {
  defaultRouterPort,
  defaultRoutingHeader,
  isAddressOfOneMachine,
  localEnvironmentName,
} from './environment.js'
import {platformFileGroupSchema, type PlatformFileText} from './platform-file-schema.js'
import {check, type Checked, type Problem} from './schema.js'
import {withoutUnknownKeys} from './unknown-keys.js'

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
  notifications: {slackWebhook?: string; mail: string[]}
  ssh: NonNullable<PlatformFileText['ssh']>
}

export interface DeclaredEnvironment {
  name: string
  order: number
  protected: boolean
  personal: boolean
  routing: {header: string; port: number}
  hosts: DeclaredHost[]
}

export interface DeclaredHost {
  name: string
  address: string
  zone?: string
  description: string
}

/**
 * Checks the value of a `yard.yaml`; all problems are listed, each with the path to its place. An empty file is a
 * valid one. Never throws.
 */
export function checkPlatformFile(value: unknown, file: string): Checked<Platform> {
  if (value !== undefined && (typeof value !== 'object' || value === null || Array.isArray(value))) {
    return {ok: false, problems: [{path: [], message: 'must be a group of keys and values'}]}
  }
  const normal = withCatalogGroup(value ?? {})
  const {problems, stripped} = withoutUnknownKeys(normal, platformFileGroupSchema, platformFileName)
  const checked = check(platformFileGroupSchema, stripped)
  if (!checked.ok) return {ok: false, problems: [...problems, ...checked.problems]}
  problems.push(...localProblems(checked.value), ...hostAddresses(checked.value))
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
  return {
    file,
    ...(catalog !== undefined && {catalog}),
    recipients: recipients.map((text) => text.split(/\s/, 1)[0] ?? text),
    environments: environmentsOf(value),
    notifications: {
      ...(notifications?.slack !== undefined && {slackWebhook: notifications.slack.webhook}),
      mail: notifications?.mail ?? [],
    },
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
        routing: {
          header: own?.header ?? whole?.header ?? defaultRoutingHeader,
          port: own?.port ?? whole?.port ?? defaultRouterPort,
        },
        hosts: Object.entries(hosts).map(([hostName, given]) => ({
          name: hostName,
          address: given.address,
          description: given.description ?? '',
          ...(given.zone !== undefined && {zone: given.zone}),
        })),
      }
    })
    .sort((left, right) => left.order - right.order)
}
