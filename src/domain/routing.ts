/** What the HAProxy of one host does, free of HAProxy's words; the configuration text is a pure function of this. */
export interface RoutingModel {
  /** Where callers on the host send their requests. */
  listen: Endpoint
  /** The request header that names the service. */
  header: string
  /** Sorted by name. */
  services: RoutedService[]
  /** Where statistics and Prometheus figures are read; absent where nobody asked for them. */
  statistics?: Endpoint
  /** How often each server is checked while it is well; a second unless many hosts check it. */
  checkMillis?: number
  /** Only on hosts that face the outside. */
  edge?: RoutedEdge
}

export interface Endpoint {
  /** Dotted IPv4. */
  address: string
  port: number
}

export interface RoutedService {
  name: string
  /** Its servers are well while they answer it with a status of 200 to 299; absent: while they accept connections. */
  healthPath?: string
  /** Sorted by endpoint. */
  servers: RoutedServer[]
  /** Absent: the defaults of all services. */
  settings?: RoutedSettings
  /** The service is closed; its callers read this. */
  maintenance?: string
}

/** How requests of one service are treated, where it differs from the defaults. */
export interface RoutedSettings {
  /** How long an instance may take to answer. */
  responseMillis?: number | undefined
  /** How long it may take to accept a connection. */
  connectMillis?: number | undefined
  /** How long a request waits for an instance to have room. */
  queueMillis?: number | undefined
  /** Requests under way to one instance at most. */
  maxConnections?: number | undefined
  /** A new instance is given more and more for so long. */
  slowStartMillis?: number | undefined
  /** Attempts after the first one, of requests that may be sent twice. */
  retries?: number | undefined
}

export interface RoutedServer {
  /** Dotted IPv4. */
  address: string
  port: number
  /** A draining server finishes what it has and gets nothing new. */
  state: 'up' | 'draining'
  /** Its share of the traffic beside the others while it is up: 0 to 256, 100 unless given. */
  weight?: number
}

/** The door to the outside. */
export interface RoutedEdge {
  http: Endpoint
  /** Absent: nothing is encrypted here. */
  https?: Endpoint
  /** On the host, absolute; read when `https` is there. */
  certificateDirectory?: string
  /** Requests over HTTP are sent to HTTPS. */
  redirectsToHttps: boolean
  /** Sorted by host and path. */
  routes: EdgeRoute[]
  /** Of one address; absent: no limit. */
  requestsPerMinute?: number
  /** Larger requests are refused, as far as they say how large they are. */
  maxBodyBytes: number
}

/** A public name, and a path below which everything goes to a service. */
export interface EdgeRoute {
  /** Lower case, without a dot at its end. */
  host: string
  /** `/`, or such as `/api` without a slash at its end. */
  path: string
  service: string
}

/** Says which server is meant, everywhere: in the configuration, on the socket, in reports. */
export function endpointOf(server: Endpoint): string {
  return `${server.address}:${server.port}`
}

const settled = new WeakSet<object>()

/** Makes a service unchangeable, all that it holds included, so that what was worked out for it stays true. */
export function settle(service: RoutedService): RoutedService {
  service.servers.forEach((server) => Object.freeze(server))
  Object.freeze(service.servers)
  if (service.settings !== undefined) Object.freeze(service.settings)
  settled.add(Object.freeze(service))
  return service
}

/** Whether it can't change any more: the very same object then stands for the very same content. */
export function isSettled(service: unknown): boolean {
  return typeof service === 'object' && service !== null && settled.has(service)
}
