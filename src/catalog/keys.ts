/**
 * Every key of the catalog. What a host must follow is under one prefix per environment (`rt/`), so that one
 * watch serves it and heartbeats and step logs wake nobody.
 */
const root = '/yard/v1'

/** Below it is everything that is yard's. */
export const catalogRoot = `${root}/`

export const keys = {
  services: `${root}/services/`,
  service: (service: string) => `${root}/services/${service}`,

  builds: (service: string) => `${root}/builds/${service}/`,
  build: (service: string, id: string) => `${root}/builds/${service}/${id}`,

  allReleases: `${root}/releases/`,
  releases: (service: string) => `${root}/releases/${service}/`,
  release: (service: string, number: number) => `${root}/releases/${service}/${padded(number)}`,

  /** Everything that belongs to one environment but the record of the environment itself. */
  within: (environment: string) => `${root}/in/${environment}/`,

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

  hostDrains: (environment: string) => `${root}/in/${environment}/rt/drain/`,
  hostDrain: (environment: string, host: string) => `${root}/in/${environment}/rt/drain/${host}`,

  publicRoutes: (environment: string) => `${root}/in/${environment}/rt/route/`,
  /** `path` begins with a slash: `…/rt/route/billing.example.org/api`. */
  publicRoute: (environment: string, host: string, path: string) =>
    `${root}/in/${environment}/rt/route/${host}${path}`,
  maintenances: (environment: string) => `${root}/in/${environment}/rt/closed/`,
  maintenance: (environment: string, service: string) => `${root}/in/${environment}/rt/closed/${service}`,
  lossAcceptance: (environment: string) => `${root}/in/${environment}/rt/accepted-loss`,

  pushedRoutings: (environment: string) => `${root}/in/${environment}/pushed/`,
  pushedRouting: (environment: string, host: string) => `${root}/in/${environment}/pushed/${host}`,

  /** Observed, leased: outside of `rt/` so that a heartbeat wakes no host. */
  statuses: (environment: string) => `${root}/in/${environment}/status/`,
  /** Also those of services whose names begin with this one and `-r`. */
  statusesNear: (environment: string, service: string) => `${root}/in/${environment}/status/${service}-r`,
  status: (environment: string, id: string) => `${root}/in/${environment}/status/${id}`,
  agents: (environment: string) => `${root}/in/${environment}/agents/`,
  agent: (environment: string, host: string) => `${root}/in/${environment}/agents/${host}`,

  deploys: (environment: string, service?: string) =>
    service === undefined
      ? `${root}/in/${environment}/deploys/`
      : `${root}/in/${environment}/deploys/${service}/`,
  deploy: (environment: string, service: string, number: number) =>
    `${root}/in/${environment}/deploys/${service}/${padded(number)}`,
  steps: (environment: string) => `${root}/in/${environment}/steps/`,
  deploySteps: (environment: string, service: string, deploy: number) =>
    `${root}/in/${environment}/steps/${service}/${padded(deploy)}/`,
  deployStep: (environment: string, service: string, deploy: number, index: number, attempt: number) =>
    `${root}/in/${environment}/steps/${service}/${padded(deploy)}/${padded(index)}-${padded(attempt)}`,

  scales: (environment: string) => `${root}/in/${environment}/scales/`,
  scale: (environment: string, service: string) => `${root}/in/${environment}/scales/${service}`,

  ports: (environment: string, host: string) => `${root}/in/${environment}/ports/${host}/`,
  port: (environment: string, host: string, port: number) =>
    `${root}/in/${environment}/ports/${host}/${port}`,

  locks: `${root}/locks/`,
  lock: (name: string) => `${root}/locks/${name}`,

  /** Variables by name: those of one service, and those that all services of an environment share. */
  allConfig: (environment: string) => `${root}/in/${environment}/config/`,
  config: (environment: string, service: string | undefined) =>
    service === undefined
      ? `${root}/in/${environment}/config/shared/`
      : `${root}/in/${environment}/config/services/${service}/`,
  configValue: (environment: string, service: string | undefined, variable: string) =>
    `${keys.config(environment, service)}${variable}`,

  consumers: `${root}/consumers/`,
  consumersOf: (service: string) => `${root}/consumers/${service}/`,
  consumer: (service: string, consumer: string) => `${root}/consumers/${service}/${consumer}`,

  tokens: `${root}/tokens/`,
  token: (id: string) => `${root}/tokens/${id}`,

  auditEntries: `${root}/audit/entries/`,
  auditEntry: (number: number) => `${root}/audit/entries/${padded(number)}`,
  auditHead: `${root}/audit/head`,
} as const

/** Numbers sort as text up to 9 digits. */
function padded(number: number): string {
  return String(number).padStart(9, '0')
}
