/** A prefix no other section uses: together with the map as allow-list, a request can name nothing but a service. */
const prefix = 'svc_'

export function backendName(service: string): string {
  return `${prefix}${service}`
}

/** Undefined for a backend that is none of a service's. */
export function serviceOfBackend(backend: string): string | undefined {
  return backend.startsWith(prefix) ? backend.slice(prefix.length) : undefined
}
