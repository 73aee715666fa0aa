/** A prefix no other section uses: together with the map as allow-list, a request can name nothing but a service. */
const prefix = 'svc_'

export function backendName(service: string): string {
  return `${prefix}${service}`
}

/** Undefined for a backend that is none of a service's. */
export function serviceOfBackend(backend: string): string | undefined {
  return backend.startsWith(prefix) ? backend.slice(prefix.length) : undefined
}

/** `spare_000` and on: backends that stand by for services that are new. */
export function spareBackend(index: number): string {
  return `spare_${String(index).padStart(3, '0')}`
}

export function isSpareBackend(backend: string): boolean {
  return /^spare_\d{3}$/.test(backend)
}

/** Matches a header and what some services take for the same, in the small letters that HAProxy keeps headers in. */
export function headerVariants(header: string): string {
  return `^${header.toLowerCase().replaceAll('-', '[-_]')}$`
}
