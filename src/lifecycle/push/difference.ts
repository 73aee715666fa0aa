import {serviceOfBackend} from '../../domain/haproxy/names.js'
import {type ConfigSection, parseConfig, parseMap} from '../../domain/haproxy/parse.js'
import {configFile, maintenanceMap, publicMap} from '../../domain/haproxy/rendered.js'

/** In what the files of a host differ from those it should have, in the words of services rather than of HAProxy. */
export interface RoutingDifference {
  /** Nothing is installed there yet. */
  isFirst: boolean
  /** Sorted by name; only those that differ. */
  services: ServiceDifference[]
  /** Ports, timeouts and the like that all services share. */
  isFrameChanged: boolean
  /** Public names, and services that are closed: lines such as `billing.example.org/ billing`. */
  publicRoutes: LineDifference
  closed: LineDifference
}

export interface ServiceDifference extends LineDifference {
  service: string
  change: 'new' | 'gone' | 'changed'
  /** Endpoints with another weight: `10.0.0.3:4001 weight 100, was 0`. */
  weights: string[]
  /** Its timeouts, its health check and the like. */
  isSettingsChanged: boolean
}

export interface LineDifference {
  added: string[]
  removed: string[]
}

type Files = ReadonlyMap<string, string>

/** What a push would change. Files that can't be read as HAProxy's count as nothing. */
export function routingDifference(installed: Files | undefined, wanted: Files): RoutingDifference {
  const before = partsOf(installed)
  const after = partsOf(wanted)
  const names = [...new Set([...before.services.keys(), ...after.services.keys()])].sort()
  return {
    isFirst: installed === undefined,
    services: names.flatMap((name) =>
      serviceDifference(name, before.services.get(name), after.services.get(name)),
    ),
    isFrameChanged: installed !== undefined && before.frame !== after.frame,
    publicRoutes: lineDifference(mapLines(installed, publicMap), mapLines(wanted, publicMap)),
    closed: lineDifference(mapLines(installed, maintenanceMap), mapLines(wanted, maintenanceMap)),
  }
}

/** Whether a push would change anything. */
export function isDifferent(difference: RoutingDifference): boolean {
  const {closed, isFirst, isFrameChanged, publicRoutes, services} = difference
  const lines = [publicRoutes, closed].flatMap(({added, removed}) => [...added, ...removed])
  return isFirst || isFrameChanged || services.length > 0 || lines.length > 0
}

interface Parts {
  frame: string
  services: Map<string, ServiceParts>
}

interface ServiceParts {
  settings: string
  /** What its server lines say besides addresses and weights; empty without a server. */
  serverSettings: string
  /** Weights by endpoint. */
  servers: Map<string, string>
}

function partsOf(files: Files | undefined): Parts {
  const parts: Parts = {frame: '', services: new Map()}
  for (const section of parseConfig(files?.get(configFile) ?? '') ?? []) {
    const service = section.kind === 'backend' ? serviceOfBackend(section.name ?? '') : undefined
    if (service === undefined) parts.frame += frameText(section)
    else parts.services.set(service, serviceParts(section))
  }
  return parts
}

/** Without the generation, which differs whenever anything else does. */
function frameText({directives, kind, name}: ConfigSection): string {
  const lines = directives.filter(([word]) => word !== 'description').map((words) => words.join(' '))
  return `${[kind, name ?? '', ...lines].join('\n')}\n`
}

function serviceParts({directives}: ConfigSection): ServiceParts {
  const servers = new Map<string, string>()
  const settings: string[] = []
  const serverSettings = new Set<string>()
  for (const words of directives) {
    const [word, , endpoint = '', weightWord, weight = '', ...rest] = words
    if (word !== 'server') settings.push(words.join(' '))
    else {
      servers.set(endpoint, weightWord === 'weight' ? weight : '')
      serverSettings.add(rest.join(' '))
    }
  }
  return {settings: settings.join('\n'), serverSettings: [...serverSettings].join('\n'), servers}
}

function serviceDifference(
  service: string,
  before: ServiceParts | undefined,
  after: ServiceParts | undefined,
): ServiceDifference[] {
  const [old, present] = [
    before?.servers ?? new Map<string, string>(),
    after?.servers ?? new Map<string, string>(),
  ]
  const change = before === undefined ? 'new' : after === undefined ? 'gone' : 'changed'
  const lines = lineDifference([...old.keys()], [...present.keys()])
  const weights = [...present]
    .filter(([endpoint, weight]) => old.has(endpoint) && old.get(endpoint) !== weight)
    .map(([endpoint, weight]) => `${endpoint} weight ${weight}, was ${old.get(endpoint) ?? ''}`)
  const isSettingsChanged = before !== undefined && after !== undefined && !hasSameSettings(before, after)
  const isNothing = lines.added.length + lines.removed.length + weights.length === 0
  if (change === 'changed' && isNothing && !isSettingsChanged) return []
  return [{service, change, ...lines, weights, isSettingsChanged}]
}

/** Server lines are compared only where both sides have some. */
function hasSameSettings(before: ServiceParts, after: ServiceParts): boolean {
  const isComparable = before.servers.size > 0 && after.servers.size > 0
  return (
    before.settings === after.settings && (!isComparable || before.serverSettings === after.serverSettings)
  )
}

function mapLines(files: Files | undefined, name: string): string[] {
  return (parseMap(files?.get(name) ?? '') ?? []).map(
    ([key, value]) => `${key} ${value.replaceAll('%20', ' ')}`,
  )
}

function lineDifference(before: readonly string[], after: readonly string[]): LineDifference {
  const [old, present] = [new Set(before), new Set(after)]
  return {
    added: after.filter((line) => !old.has(line)).sort(),
    removed: before.filter((line) => !present.has(line)).sort(),
  }
}
