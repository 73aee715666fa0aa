import {createHash} from 'node:crypto'

import {backendName} from '../domain/haproxy/names.js'
import {type RenderedRouting} from '../domain/haproxy/rendered.js'
import {serverSettings} from '../domain/haproxy/server-settings.js'
import {endpointOf, type RoutedService, type RoutingModel} from '../domain/routing.js'

import {type PackFile} from './pack.js'
import {files} from './precompiled/haproxy.js'
import {renderTemplate} from './render.js'

export interface HaproxySettings {
  /** Absolute path of the socket for changes at run time. */
  adminSocket: string
  /** Sizes the file descriptors HAProxy asks for: about twice as many. */
  maxConnections?: number
  threads?: number
  /** How long an old worker may go on after a reload. */
  hardStopSeconds?: number
}

/** What haproxy.cfg.hbs and services.map.hbs are given. */
interface HaproxyContext extends Required<HaproxySettings> {
  generation: string
  listen: {address: string; port: number}
  header: string
  services: {
    name: string
    backend: string
    healthPath: string
    servers: {name: string; settings: string}[]
  }[]
}

/** Stands in the text while its hash is taken. */
const noGeneration = '0'.repeat(64)

/** The configuration of a usable model (see `usableModel`): same model and settings, same bytes. */
export function renderHaproxy(model: RoutingModel, settings: HaproxySettings): RenderedRouting {
  const context = contextOf(model, settings)
  const map = renderTemplate(templateNamed('services.map'), context)
  const draft = renderTemplate(templateNamed('haproxy.cfg'), context)
  const generation = generationOf(draft, map)
  return {config: draft.replace(noGeneration, generation), map, generation}
}

function contextOf(model: RoutingModel, settings: HaproxySettings): HaproxyContext {
  return {
    maxConnections: 1_500,
    threads: 2,
    hardStopSeconds: 60,
    ...settings,
    generation: noGeneration,
    listen: model.listen,
    header: model.header,
    services: model.services.map(serviceContext),
  }
}

function serviceContext(service: RoutedService): HaproxyContext['services'][number] {
  return {
    name: service.name,
    backend: backendName(service.name),
    healthPath: service.healthPath,
    servers: service.servers.map((server) => ({name: endpointOf(server), settings: serverSettings(server)})),
  }
}

/** Servers come and go without a reload, so their lines don't count. */
function generationOf(draft: string, map: string): string {
  const lasting = draft.split('\n').filter((line) => !line.startsWith('  server '))
  return createHash('sha256').update(lasting.join('\n')).update('\0').update(map).digest('hex')
}

function templateNamed(path: string): PackFile {
  const file = files.find((candidate) => candidate.path === path)
  if (file === undefined) throw new Error(`the haproxy templates hold no ${path}`)
  return file
}
