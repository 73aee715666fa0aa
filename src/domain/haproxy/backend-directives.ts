import {type RoutedService, type RoutedSettings} from '../routing.js'

import {backendName} from './names.js'

const plainHealthPath = '/readyz'

/** A spare backend has no name of its own to give. */
const spareHost = 'localhost'

/** What one backend is made of, besides its servers. */
export interface BackendLook {
  backend: string
  /** Undefined where accepting a connection is all that is asked. */
  healthPath: string | undefined
  /** The Host header of health checks. */
  host: string
  /** Lines of words. */
  directives: string[][]
}

export function backendLook(service: Pick<RoutedService, 'name' | 'healthPath' | 'settings'>): BackendLook {
  return {
    backend: backendName(service.name),
    healthPath: service.healthPath,
    host: `${service.name}.localhost`,
    directives: settingDirectives(service.settings ?? {}),
  }
}

export function spareLook(backend: string): BackendLook {
  return {backend, healthPath: plainHealthPath, host: spareHost, directives: []}
}

/** Whether a spare backend treats the requests of a service as its own backend does. */
export function isPlain(service: RoutedService): boolean {
  return service.healthPath === plainHealthPath && Object.keys(service.settings ?? {}).length === 0
}

function settingDirectives({
  connectMillis,
  responseMillis,
  queueMillis,
  retries,
}: RoutedSettings): string[][] {
  const timeout = (kind: string, millis: number | undefined) =>
    millis === undefined ? [] : [['timeout', kind, `${millis}ms`]]
  return [
    ...timeout('connect', connectMillis),
    ...timeout('server', responseMillis),
    ...timeout('queue', queueMillis),
    ...(retries === undefined ? [] : [['retries', String(retries)]]),
  ]
}
