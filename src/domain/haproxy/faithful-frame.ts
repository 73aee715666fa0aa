import {endpointOf, type Endpoint, type RoutingModel} from '../routing.js'

import {headerVariants} from './names.js'
import {type ConfigSection} from './parse.js'
import {type RenderSettings} from './render-settings.js'
import {statesFile} from './rendered.js'

const frontendKeywords = [
  ...['bind', 'log-format', 'acl', 'http-request', 'http-response', 'http-after-response'],
  'use_backend',
]

const allowed: Record<string, readonly string[]> = {
  'global ': [
    ...['description', 'log', 'stats', 'hard-stop-after', 'mworker-max-reloads', 'nbthread', 'maxconn'],
    'server-state-file',
    ...['ssl-default-bind-options', 'ssl-default-bind-ciphers', 'ssl-default-bind-ciphersuites'],
  ],
  'defaults ': [
    'mode', 'log', 'balance', 'option', 'retries', 'retry-on', 'http-reuse', 'timeout', 'http-error',
    'load-server-state-from-file',
  ],
  'frontend yard': frontendKeywords,
  'frontend yard_statistics': ['bind', 'option', 'acl', 'http-request', 'stats'],
  'frontend yard_edge': [...frontendKeywords, 'stick-table'],
} // prettier-ignore

/** What the rules of the text are made with. Plain, so that none of them can say more than it should. */
const plainPath = /^(?:\/[A-Za-z0-9_.@+-]+)+$/
const plainHeader = /^[A-Za-z][A-Za-z0-9-]{0,63}$/
const plainAddress = /^\d{1,3}(\.\d{1,3}){3}:\d{1,5}$/

/** What keeps the sections in front of the backends from being those of the model. */
export function frameProblem(
  sections: readonly ConfigSection[],
  generation: string,
  model: RoutingModel,
  settings: RenderSettings,
): string | undefined {
  const found = sections.map(titleOf)
  const wanted = ['global ', 'defaults ', 'frontend yard']
  if (model.statistics !== undefined) wanted.push('frontend yard_statistics')
  if (model.edge !== undefined) wanted.push('frontend yard_edge')
  if (!isSame(found, wanted)) return 'its sections are missing or out of place'
  return (
    valuesProblem(model, settings) ??
    strangerIn(sections) ??
    globalProblem(sections[0], generation, settings) ??
    bindsProblem(sections, model, settings) ??
    routingProblem(sections, model)
  )
}

/** What keeps the list of certificates from being that of the settings. */
export function certificatesProblem(
  text: string | undefined,
  {edge}: RoutingModel,
  {certificates}: RenderSettings,
): string | undefined {
  if (edge === undefined) return undefined
  if (!certificates.every((file) => plainPath.test(file))) return 'a certificate has no plain path'
  const lines = (text ?? '').split('\n').filter((line) => line !== '')
  return isSame(lines, certificates) ? undefined : 'its certificates are not the ones that were asked for'
}

function valuesProblem({header, edge}: RoutingModel, settings: RenderSettings): string | undefined {
  if (!plainHeader.test(header)) return 'it routes by something that is no header'
  if (!plainPath.test(settings.adminSocket)) return 'its socket has no plain path'
  const numbers = [
    ...[settings.hardStopSeconds, settings.threads ?? 1, settings.maxConnections, settings.spares],
    ...(edge === undefined ? [] : [edge.maxBodyBytes, edge.requestsPerMinute ?? 1]),
  ]
  return numbers.every((number) => Number.isSafeInteger(number) && number >= 0)
    ? undefined
    : 'it holds a number that is none'
}

function strangerIn(sections: readonly ConfigSection[]): string | undefined {
  const strange = sections.find(({directives, ...section}) =>
    directives.some(([keyword]) => allowed[titleOf(section)]?.includes(keyword ?? '') !== true),
  )
  return strange === undefined
    ? undefined
    : `its ${titleOf(strange).trim()} holds a line that yard does not render`
}

function globalProblem(
  section: ConfigSection | undefined,
  generation: string,
  {adminSocket}: RenderSettings,
): string | undefined {
  const stats = [
    ['stats', 'socket', adminSocket, 'mode', '600', 'level', 'admin'],
    ['stats', 'timeout', '2m'],
  ]
  if (!isSame(linesOf(section, 'stats'), stats)) return 'it is not reached at its socket'
  if (!isSame(linesOf(section, 'server-state-file'), [['server-state-file', statesFile]]))
    return 'it reads the states of servers elsewhere'
  return isSame(linesOf(section, 'description'), [['description', generation]])
    ? undefined
    : 'it does not tell its generation'
}

function bindsProblem(
  sections: readonly ConfigSection[],
  {listen, statistics, edge}: RoutingModel,
  {certificates}: RenderSettings,
): string | undefined {
  const plain = (endpoint: Endpoint | undefined) => (endpoint ? [['bind', endpointOf(endpoint)]] : [])
  const secure = ['ssl', 'crt-list', 'certificates.list', 'alpn', 'h2,http/1.1']
  const wanted = [
    ...plain(listen),
    ...plain(statistics),
    ...plain(edge?.http),
    ...plain(edge?.https).map((bind) => [
      ...bind,
      ...secure,
      ...(certificates.length > 0 ? [] : ['strict-sni']),
    ]),
  ]
  const found = sections.flatMap((section) => linesOf(section, 'bind'))
  return wanted.every(([, address]) => plainAddress.test(address ?? '')) && isSame(found, wanted)
    ? undefined
    : 'it listens elsewhere'
}

function routingProblem(
  sections: readonly ConfigSection[],
  {header, edge}: RoutingModel,
): string | undefined {
  const uses = sections.flatMap((section) => linesOf(section, 'use_backend'))
  const use = ['use_backend', '%[var(txn.yard_backend)]']
  if (!isSame(uses, edge === undefined ? [use] : [use, use]))
    return 'it routes by something else than the maps'
  const host = sections.find((section) => titleOf(section) === 'frontend yard')
  const isCounted = host?.directives.some((words) => words.includes(`req.fhdr_cnt(${header})`))
  if (isCounted !== true) return 'it routes by another header'
  return edge === undefined ? undefined : edgeProblem(sections.at(-1), header)
}

/** Whatever else the edge does, it forgets what callers say of themselves before anything is decided. */
function edgeProblem(section: ConfigSection | undefined, header: string): string | undefined {
  const [first, second] = linesOf(section, 'http-request')
  const forgets = [
    ['http-request', 'del-header', '^yard[-_]', '-m', 'reg'],
    ['http-request', 'del-header', headerVariants(header), '-m', 'reg'],
  ]
  return isSame([first, second], forgets) ? undefined : 'its edge believes what callers say'
}

function linesOf(section: ConfigSection | undefined, keyword: string): string[][] {
  return section?.directives.filter((words) => words[0] === keyword) ?? []
}

function titleOf({kind, name}: Pick<ConfigSection, 'kind' | 'name'>): string {
  return `${kind} ${name ?? ''}`
}

function isSame(found: unknown, wanted: unknown): boolean {
  return JSON.stringify(found) === JSON.stringify(wanted)
}
