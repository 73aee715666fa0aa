import {type Environment} from '../environment.js'

/** What the text depends on besides the model: the machine it is for. */
export interface RenderSettings extends RouterSize {
  /** Absolute path of the socket for changes at run time. */
  adminSocket: string
  /** HAProxy's, as in `2.6.12`. */
  version: string
  /** Absolute paths of the copies of certificates that the edge shows. */
  certificates: readonly string[]
  /** Backends without a service, so that a new one is served without a reload. */
  spares: number
  /** How long an old worker may go on after a reload. */
  hardStopSeconds: number
}

/** How much one HAProxy takes on. */
export interface RouterSize {
  /** Connections at a time. Sizes the file descriptors HAProxy asks for: about twice as many. */
  maxConnections: number
  /** As many as the machine has cores unless given. */
  threads?: number
}

const defaults = {version: '2.6.12', certificates: [], spares: 16, hardStopSeconds: 60} as const
const localSize: RouterSize = {maxConnections: 1_500, threads: 2}
const hostSize: RouterSize = {maxConnections: 10_000}

/**
 * The size of the HAProxy of an environment: a laptop has other things to do, a host has not. One that may open few files
 * gets fewer connections, so that half of the files are left for servers and their checks.
 * @param descriptorLimit undefined when it isn't known
 */
export function routerSize(kind: Environment['kind'], descriptorLimit?: number): RouterSize {
  const size = kind === 'hosts' ? hostSize : localSize
  const fitting = Math.max(1, Math.floor((descriptorLimit ?? Infinity) / 4))
  return {...size, maxConnections: Math.min(size.maxConnections, fitting)}
}

/** The settings with the usual values where none are given; the size is that of `yard up`. */
export function renderSettings(
  given: Pick<RenderSettings, 'adminSocket'> & Partial<RenderSettings>,
): RenderSettings {
  const {maxConnections} = given
  const size = maxConnections === undefined ? localSize : {maxConnections}
  return {...defaults, ...size, ...given, maxConnections: size.maxConnections}
}
