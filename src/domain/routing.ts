/** What one HAProxy does, free of HAProxy's words; the configuration text is a pure function of this. */
export interface RoutingModel {
  listen: {address: string; port: number}
  /** The request header that names the service. */
  header: string
  /** Sorted by name. */
  services: RoutedService[]
}

export interface RoutedService {
  name: string
  healthPath: string
  /** Sorted by endpoint. */
  servers: RoutedServer[]
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

/** Says which server is meant, everywhere: in the configuration, on the socket, in reports. */
export function endpointOf(server: {address: string; port: number}): string {
  return `${server.address}:${server.port}`
}
