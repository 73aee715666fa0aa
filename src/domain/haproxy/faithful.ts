import {endpointOf, type RoutedService, type RoutingModel} from '../routing.js'

import {type BackendContent, copyOf, isSameContent} from './backend-content.js'
import {backendLook, type BackendLook, spareLook} from './backend-directives.js'
import {haproxyFeatures} from './features.js'
import {certificatesProblem, frameProblem} from './faithful-frame.js'
import {maintenanceLines, type MapLine, publicLines, serviceLine} from './map-lines.js'
import {spareBackend} from './names.js'
import {type ConfigSection, parseConfig, parseMap} from './parse.js'
import {Remembered} from './remembered.js'
import {type RenderSettings} from './render-settings.js'
import {
  certificatesList, configFile, maintenanceMap, publicMap, type RenderedRouting, servicesMap, statesFile,
} from './rendered.js' // prettier-ignore
import {serverSettings} from './server-settings.js'
import {noServerStates} from './server-states.js'

/** Nothing but an address and a port in decimal: no socket, no second address, no range. */
const plainEndpoint = /^\d{1,3}(\.\d{1,3}){3}:\d{1,5}$/
const backendStart = '\n\nbackend '

interface Proof {
  content: BackendContent
  text: string
}

/** Texts of backends that were found to be those of their services. */
const proven = new Remembered<Proof | 'none'>()

/**
 * What keeps rendered text from being exactly the model, or undefined when it is: the second boundary behind
 * `usableModel`, because `haproxy -c` lets through what a hostile value adds.
 */
export function unfaithfulness(
  rendered: RenderedRouting,
  model: RoutingModel,
  settings: RenderSettings,
): string | undefined {
  const texts = new Map(rendered.files.map(({name, text}) => [name, text]))
  const problem =
    filesProblem(rendered, texts, model) ??
    configProblem(texts.get(configFile) ?? '', rendered.generation, model, settings) ??
    mapProblem(texts, servicesMap, model.services.map(serviceLine)) ??
    mapProblem(texts, maintenanceMap, maintenanceLines(model.services)) ??
    (model.edge === undefined ? undefined : mapProblem(texts, publicMap, publicLines(model.edge))) ??
    (texts.get(statesFile) === noServerStates ? undefined : `${statesFile} takes servers for down`) ??
    certificatesProblem(texts.get(certificatesList), model, settings)
  proven.endTurn()
  return problem
}

function filesProblem(
  {files}: RenderedRouting,
  texts: ReadonlyMap<string, string>,
  {edge}: RoutingModel,
): string | undefined {
  const wanted = [
    configFile,
    servicesMap,
    maintenanceMap,
    statesFile,
    ...(edge ? [publicMap, certificatesList] : []),
  ]
  if (!isSame(files.map(({name}) => name), wanted)) return 'its files are not the ones that HAProxy reads' // prettier-ignore
  // The configuration is looked at piece by piece.
  const stranger = [...texts].find(([name, text]) => name !== configFile && !isPrintable(text))
  return stranger === undefined ? undefined : `${stranger[0]} holds more than printable ASCII`
}

/**
 * Sections end where lines do, so a text is what its pieces are, one after the other. What is before the first backend
 * is looked at each time; a backend of the same text for the same service was proven before.
 */
function configProblem(
  config: string,
  generation: string,
  model: RoutingModel,
  settings: RenderSettings,
): string | undefined {
  const [frame = '', ...pieces] = config.split(backendStart)
  if (!isPrintable(frame)) return `${configFile} holds more than printable ASCII`
  const sections = parseConfig(frame)
  if (sections === undefined) return 'it does not read as HAProxy sections'
  const spares = haproxyFeatures(settings.version).hasSpares ? settings.spares : 0
  if (pieces.length !== spares + model.services.length) return 'its backends are not the services'
  return (
    frameProblem(sections, generation, model, settings) ??
    pieces.slice(0, spares).map(spareProblem).find(isDefined) ??
    pieces
      .slice(spares)
      .map((piece, index) => serviceProblem(piece, model.services[index], model.checkMillis))
      .find(isDefined)
  )
}

function spareProblem(piece: string, index: number): string | undefined {
  const backend = spareBackend(index)
  return isPrintable(piece) && isBackend(piece, spareLook(backend), [])
    ? undefined
    : `${backend} is not a spare backend`
}

function serviceProblem(
  piece: string,
  service: RoutedService | undefined,
  checkMillis: number | undefined,
): string | undefined {
  if (service === undefined) return 'its backends are not the services'
  const content = {service, checkMillis}
  const proof = proven.get(
    service.name,
    (known) => known !== 'none' && known.text === piece && isSameContent(known.content, content),
    () => (isService(piece, content) ? {content: copyOf(content), text: ownText(piece)} : 'none'),
  )
  return proof === 'none' ? `the backend of ${service.name} is not what was asked for` : undefined
}

/** A piece of a text keeps all of it in memory; this one doesn't. */
function ownText(piece: string): string {
  return Buffer.from(piece, 'latin1').toString('latin1')
}

function isService(piece: string, {service, checkMillis}: BackendContent): boolean {
  if (!isPrintable(piece)) return false
  if (!service.servers.every((server) => plainEndpoint.test(endpointOf(server)))) return false
  const servers = service.servers.map((server) => [
    'server',
    endpointOf(server),
    ...serverSettings(server, service, checkMillis).split(' '),
  ])
  return isBackend(piece, backendLook(service), servers)
}

/** Whether a piece of text, read as HAProxy reads it, is this one backend and nothing besides. */
function isBackend(piece: string, look: BackendLook, servers: string[][]): boolean {
  const wanted: ConfigSection = {
    kind: 'backend',
    name: look.backend,
    directives: [...look.directives, ...checkDirectives(look), ...servers],
  }
  return isSame(parseConfig(`${backendStart}${piece}`), [wanted])
}

function checkDirectives({healthPath, host}: BackendLook): string[][] {
  if (healthPath === undefined) return [['option', 'tcp-check']]
  return [
    ['http-check', 'send', 'meth', 'GET', 'uri', healthPath, 'ver', 'HTTP/1.1', 'hdr', 'Host', host],
    ['http-check', 'expect', 'status', '200-299'],
  ]
}

function mapProblem(
  texts: ReadonlyMap<string, string>,
  file: string,
  wanted: readonly MapLine[],
): string | undefined {
  const found = parseMap(texts.get(file) ?? '#')
  const isRight =
    found?.length === wanted.length &&
    found.every(([key, value], index) => key === wanted[index]?.[0] && value === wanted[index][1])
  return isRight ? undefined : `${file} is not what was asked for`
}

function isPrintable(text: string): boolean {
  return /^[\x20-\x7e\n]*$/.test(text)
}

function isSame(found: unknown, wanted: unknown): boolean {
  return JSON.stringify(found) === JSON.stringify(wanted)
}

function isDefined(problem: string | undefined): problem is string {
  return problem !== undefined
}
