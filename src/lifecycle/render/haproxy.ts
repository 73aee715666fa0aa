import {type Catalog} from '../../catalog/catalog.js'
import {reportBad} from '../../catalog/report-bad.js'
import {readRoutingFacts} from '../../catalog/routing-facts.js'
import {findEnvironment} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {type Report} from '../../contracts/report.js'
import {type Environment, type Host} from '../../domain/environment.js'
import {
  certificatesList,
  configFile,
  type RenderedFile,
  type RenderedRouting,
  statesFile,
} from '../../domain/haproxy/rendered.js'
import {renderSettings, type RenderSettings, routerSize} from '../../domain/haproxy/render-settings.js'
import {usableModel} from '../../domain/haproxy/usable-model.js'
import {type DiffLine, lineDiff} from '../../domain/line-diff.js'
import {routingModel} from '../../domain/routing-model.js'
import {type RoutingModel} from '../../domain/routing.js'
import {YardError} from '../../errors.js'
import {renderedHost} from './rendered-host.js'

/** What the HAProxy of a host has right now. */
export interface InstalledRouting {
  /** As in `2.6.12`. */
  haproxyVersion: string
  /** Where HAProxy listens for changes at run time. Absolute. */
  adminSocket: string
  /** By name; undefined when there is no configuration yet. */
  files: ReadonlyMap<string, string> | undefined
  /** How many files HAProxy may have open there; undefined when it can't be told. */
  descriptorLimit?: number | undefined
}

export interface RenderNeeds {
  catalog: Catalog
  report: Report
  /** Pure: same model and settings, same bytes. */
  render: (model: RoutingModel, settings: RenderSettings) => RenderedRouting
  /** Why the text isn't exactly the model; undefined when it is. */
  unfaithfulness: (
    rendered: RenderedRouting,
    model: RoutingModel,
    settings: RenderSettings,
  ) => string | undefined
  /** Where the socket for changes at run time is on the hosts of an environment. Absolute. */
  adminSocket: (environment: Environment) => string
  /** Asks the host. @throws YardError E_HOST_UNREACHABLE, E_HAPROXY_MISSING … */
  installed: (environment: Environment, host: Host | undefined) => Promise<InstalledRouting>
  /** The version of HAProxy on this machine; undefined when there is none. */
  versionHere: () => Promise<string | undefined>
}

export interface RenderRequest {
  environment: string
  /** Needed where an environment has more than one. */
  host: string | undefined
  /** The first host that faces the outside, unless one is named. */
  isEdge: boolean
  /** As in `2.4` or `2.6.12`; found out unless given. */
  haproxyVersion: string | undefined
  /** Compares with what the host has. */
  isCompared: boolean
  declaredEnvironments: readonly string[]
}

export interface RenderReport {
  environment: string
  host?: string
  haproxyVersion: string
  /** The catalog revision it is made of. */
  revision: number
  generation: string
  files: RenderedFile[]
  /** What was left out because it can't be trusted, a line each. */
  skipped: string[]
  /** By file: what differs from what the host has. */
  differences?: FileDifference[]
}

export interface FileDifference {
  name: string
  lines: DiffLine[]
}

const oldestKnownVersion = '2.6.0'

/**
 * The configuration of one host as text, proven to be what the catalog says. Changes nothing.
 * @throws YardError E_ENVIRONMENT_UNKNOWN, E_HOST_UNKNOWN, E_USAGE when it isn't clear which host is meant,
 * E_HAPROXY_CONFIG
 */
export async function renderHost(needs: RenderNeeds, request: RenderRequest): Promise<RenderReport> {
  const {catalog, report} = needs
  const environment = await findEnvironment(catalog, request.environment, request.declaredEnvironments)
  const {bad, facts, revision} = await readRoutingFacts(catalog, environment)
  const host = renderedHost(facts, request)
  reportBad(report, bad)
  const installed = request.isCompared ? await needs.installed(environment, host) : undefined
  const version = request.haproxyVersion ?? installed?.haproxyVersion ?? (await knownVersion(needs, host))
  const settings = renderSettings({
    adminSocket: installed?.adminSocket ?? needs.adminSocket(environment),
    version,
    certificates: certificatesIn(installed?.files),
    ...routerSize(environment.kind, installed?.descriptorLimit),
  })
  const {model, skipped} = usableModel(routingModel(facts, host))
  for (const line of skipped) report({kind: 'warning', text: `left out ${line}`})
  const rendered = needs.render(model, settings)
  refuseUnfaithful(needs.unfaithfulness(rendered, model, settings))
  return {
    environment: environment.name,
    ...(host !== undefined && {host: host.name}),
    haproxyVersion: version,
    revision,
    generation: rendered.generation,
    files: [...rendered.files],
    skipped,
    ...(installed !== undefined && {differences: differencesOf(installed.files ?? new Map(), rendered)}),
  }
}

/** What the host says of itself, else what is here, else the oldest that most machines have. */
async function knownVersion({catalog, versionHere}: RenderNeeds, host: Host | undefined): Promise<string> {
  const agent = host && (await catalog.agents.get(keys.agent(host.environment, host.name)))?.record
  const said = agent?.haproxyVersion ?? ''
  return said === '' ? ((await versionHere()) ?? oldestKnownVersion) : said
}

/** Which copies of certificates a host shows is known there alone. */
function certificatesIn(files: ReadonlyMap<string, string> | undefined): string[] {
  const lines = files?.get(certificatesList)?.split('\n') ?? []
  return lines.map((line) => line.split(/\s/, 1)[0] ?? '').filter((file) => file.startsWith('/'))
}

function differencesOf(installed: ReadonlyMap<string, string>, {files}: RenderedRouting): FileDifference[] {
  const wanted = new Map(files.map(({name, text}) => [name, text]))
  const all = [...wanted.keys(), ...[...installed.keys()].filter((name) => !wanted.has(name))]
  // What it holds is about a reload that is under way.
  const names = all.filter((name) => name !== statesFile)
  return names.flatMap((name) => {
    const [was, is] = [installed.get(name) ?? '', wanted.get(name) ?? '']
    return was === is ? [] : [{name, lines: lineDiff(linesOf(was), linesOf(is))}]
  })
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

function refuseUnfaithful(difference: string | undefined): void {
  if (difference === undefined) return
  throw new YardError('E_HAPROXY_CONFIG', {
    what: `Can't use the ${configFile} that was rendered`,
    why: `it is not what the catalog asks for: ${difference}`,
    next: ['yard doctor', 'report it: this is a bug in yard'],
  })
}
