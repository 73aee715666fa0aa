import {hash} from 'node:crypto'

import {type BackendContent, copyOf, isSameContent} from '../domain/haproxy/backend-content.js'
import {backendLook, type BackendLook, spareLook} from '../domain/haproxy/backend-directives.js'
import {spareBackend} from '../domain/haproxy/names.js'
import {Remembered} from '../domain/haproxy/remembered.js'
import {serverSettings, sharedSettings} from '../domain/haproxy/server-settings.js'
import {endpointOf, type RoutingModel} from '../domain/routing.js'

export interface RenderedBackend {
  text: string
  /** Of all that takes a reload to change. */
  hash: string
}

interface Entry extends RenderedBackend {
  content: BackendContent
}

const remembered = new Remembered<Entry>()

/** Not by a template like the rest, because there are ten thousand of them. */
export function renderedBackends({services, checkMillis}: RoutingModel): RenderedBackend[] {
  const backends = services.map((service) => {
    const content = {service, checkMillis}
    return remembered.get(
      service.name,
      (entry) => isSameContent(entry.content, content),
      () => ({content: copyOf(content), ...renderedBackend(content)}),
    )
  })
  remembered.endTurn()
  return backends
}

export function spareText(index: number): string {
  return headText(spareLook(spareBackend(index)))
}

function renderedBackend({service, checkMillis}: BackendContent): RenderedBackend {
  const head = headText(backendLook(service))
  const servers = service.servers.map(
    (server) => `  server ${endpointOf(server)} ${serverSettings(server, service, checkMillis)}\n`,
  )
  // Servers come and go without a reload, but what they have in common only changes by one.
  return {text: head + servers.join(''), hash: hash('sha256', head + sharedSettings(service, checkMillis))}
}

function headText({backend, healthPath, host, directives}: BackendLook): string {
  const lines = [
    `backend ${backend}`,
    ...directives.map((words) => `  ${words.join(' ')}`),
    ...checkLines(healthPath, host),
  ]
  return `\n${lines.join('\n')}\n`
}

/** The defaults of all backends ask over HTTP; a check of TCP without rules of its own only connects. */
function checkLines(healthPath: string | undefined, host: string): string[] {
  if (healthPath === undefined) return ['  option tcp-check']
  return [
    `  http-check send meth GET uri '${healthPath}' ver HTTP/1.1 hdr Host ${host}`,
    '  http-check expect status 200-299',
  ]
}
