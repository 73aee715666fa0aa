/**
 * Every key of the catalog. What a host must follow is under one prefix per environment (`rt/`), so that one
 * watch serves it and heartbeats and step logs wake nobody.
 */
const root = '/yard/v1'

export const keys = {
  services: `${root}/services/`,
  service: (service: string) => `${root}/services/${service}`,

  builds: (service: string) => `${root}/builds/${service}/`,
  build: (service: string, id: string) => `${root}/builds/${service}/${id}`,

  allReleases: `${root}/releases/`,
  releases: (service: string) => `${root}/releases/${service}/`,
  release: (service: string, number: number) => `${root}/releases/${service}/${padded(number)}`,

  environments: `${root}/environments/`,
  environment: (environment: string) => `${root}/environments/${environment}`,

  hosts: (environment: string) => `${root}/in/${environment}/hosts/`,
  host: (environment: string, host: string) => `${root}/in/${environment}/hosts/${host}`,

  /** What the hosts of an environment follow. */
  routed: (environment: string) => `${root}/in/${environment}/rt/`,
  bindings: (environment: string) => `${root}/in/${environment}/rt/bind/`,
  binding: (environment: string, service: string) => `${root}/in/${environment}/rt/bind/${service}`,
  instances: (environment: string, service?: string) =>
    service === undefined
      ? `${root}/in/${environment}/rt/inst/`
      : `${root}/in/${environment}/rt/inst/${service}/`,
  instance: (environment: string, service: string, id: string) =>
    `${root}/in/${environment}/rt/inst/${service}/${id}`,

  /** Observed, leased: outside of `rt/` so that a heartbeat wakes no host. */
  statuses: (environment: string) => `${root}/in/${environment}/status/`,
  status: (environment: string, id: string) => `${root}/in/${environment}/status/${id}`,
  agents: (environment: string) => `${root}/in/${environment}/agents/`,
  agent: (environment: string, host: string) => `${root}/in/${environment}/agents/${host}`,

  deploys: (environment: string, service: string) => `${root}/in/${environment}/deploys/${service}/`,
  deploy: (environment: string, service: string, number: number) =>
    `${root}/in/${environment}/deploys/${service}/${padded(number)}`,
  deploySteps: (environment: string, service: string, deploy: number) =>
    `${root}/in/${environment}/steps/${service}/${padded(deploy)}/`,
  deployStep: (environment: string, service: string, deploy: number, index: number, attempt: number) =>
    `${root}/in/${environment}/steps/${service}/${padded(deploy)}/${padded(index)}-${padded(attempt)}`,

  ports: (environment: string, host: string) => `${root}/in/${environment}/ports/${host}/`,
  port: (environment: string, host: string, port: number) =>
    `${root}/in/${environment}/ports/${host}/${port}`,

  locks: `${root}/locks/`,
  lock: (name: string) => `${root}/locks/${name}`,

  audit: `${root}/audit/`,
  auditEntry: (at: Date, unique: string) => `${root}/audit/${at.toISOString()}-${unique}`,
} as const

/** Numbers sort as text up to 9 digits. */
function padded(number: number): string {
  return String(number).padStart(9, '0')
}
