import {endpointOf, type RoutedService, type RoutingModel} from '../routing.js'

import {backendName} from './names.js'
import {parseConfig, parseMap, type ConfigSection} from './parse.js'
import {type RenderedRouting} from './rendered.js'
import {serverSettings} from './server-settings.js'

const allowed: Record<string, readonly string[]> = {
  global: [
    'description', 'log', 'stats', 'hard-stop-after', 'mworker-max-reloads', 'nbthread', 'maxconn',
  ],
  defaults: [
    'mode', 'log', 'balance', 'option', 'retries', 'retry-on', 'http-reuse', 'timeout', 'http-error',
  ],
  frontend: ['bind', 'log-format', 'acl', 'http-request', 'http-after-response', 'use_backend'],
} // prettier-ignore

/**
 * What keeps rendered text from being exactly the model, or undefined when it is: the second boundary behind
 * `usableModel`, because `haproxy -c` lets through what a hostile value adds.
 */
export function unfaithfulness(rendered: RenderedRouting, model: RoutingModel): string | undefined {
  if (!/^[\x20-\x7e\n]*$/.test(rendered.config + rendered.map)) return 'it holds more than printable ASCII'
  const sections = parseConfig(rendered.config)
  if (sections === undefined) return 'it does not read as HAProxy sections'
  const [globals, defaults, frontend, ...backends] = sections
  return (
    settingsProblem(globals, 'global', undefined) ??
    settingsProblem(defaults, 'defaults', undefined) ??
    settingsProblem(frontend, 'frontend', 'yard') ??
    (frontend === undefined ? undefined : frontendProblem(frontend, model)) ??
    backendsProblem(backends, model) ??
    mapProblem(rendered.map, model)
  )
}

function settingsProblem(
  section: ConfigSection | undefined,
  kind: string,
  name: string | undefined,
): string | undefined {
  if (section?.kind !== kind || section.name !== name) return `its ${kind} section is missing or out of place`
  const stranger = section.directives.find(([keyword]) => !allowed[kind]?.includes(keyword ?? ''))
  return stranger === undefined ? undefined : `its ${kind} section holds a line that yard does not render`
}

/** Nothing but an address and a port in decimal: no socket, no second address, no range. */
const plainEndpoint = /^\d{1,3}(\.\d{1,3}){3}:\d{1,5}$/

function frontendProblem(frontend: ConfigSection, model: RoutingModel): string | undefined {
  const binds = frontend.directives.filter(([keyword]) => keyword === 'bind')
  const listen = endpointOf(model.listen)
  if (!plainEndpoint.test(listen) || !sameWords(binds, [['bind', listen]])) return 'it listens elsewhere'
  const uses = frontend.directives.filter(([keyword]) => keyword === 'use_backend')
  if (!sameWords(uses, [['use_backend', '%[var(txn.yard_backend)]']]))
    return 'it routes by something else than the map'
  const counted = frontend.directives.some((words) => words.includes(`req.fhdr_cnt(${model.header})`))
  return counted ? undefined : 'it routes by another header'
}

function backendsProblem(backends: ConfigSection[], model: RoutingModel): string | undefined {
  const found = backends.map((section) => `${section.kind} ${section.name ?? ''}`)
  const wanted = model.services.map((service) => `backend ${backendName(service.name)}`)
  if (!sameWords([found], [wanted])) return 'its backends are not the services'
  const different = model.services.find(
    (service, index) =>
      !service.servers.every((server) => plainEndpoint.test(endpointOf(server))) ||
      !sameWords(backends[index]?.directives ?? [], backendDirectives(service)),
  )
  return different === undefined ? undefined : `the backend of ${different.name} is not what was asked for`
}

function backendDirectives(service: RoutedService): string[][] {
  const unavailable = `{"error":"no-instance-up","service":"${service.name}","next":"yard status"}`
  return [
    ['option', 'httpchk'],
    [
      'http-check',
      'send',
      'meth',
      'GET',
      'uri',
      service.healthPath,
      'ver',
      'HTTP/1.1',
      'hdr',
      'Host',
      `${service.name}.localhost`,
    ],
    ['http-check', 'expect', 'status', '200-299'],
    // Not by a rule on `nbsrv`: it counts 0 in a worker that is on its way out after a reload.
    ['http-error', 'status', '503', 'content-type', 'application/json', 'string', unavailable],
    ...service.servers.map((server) => ['server', endpointOf(server), ...serverSettings(server).split(' ')]),
  ]
}

function mapProblem(map: string, model: RoutingModel): string | undefined {
  const wanted = model.services.map((service) => [service.name, backendName(service.name)])
  return sameWords(parseMap(map) ?? [['']], wanted) ? undefined : 'its map is not the services'
}

function sameWords(found: string[][], wanted: string[][]): boolean {
  return JSON.stringify(found) === JSON.stringify(wanted)
}
