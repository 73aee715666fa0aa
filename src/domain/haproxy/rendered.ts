/** A model as text. */
export interface RenderedRouting {
  /** `haproxy.cfg` first, then the maps that it names. */
  files: readonly RenderedFile[]
  /**
   * Hash of everything that takes a reload to change: all but servers and the entries of maps. HAProxy shows it as
   * `description`, so it can be read back from the process that runs.
   */
  generation: string
  /** What `generation` is made of, so that two of them can be told apart by their parts. */
  parts: RenderedParts
}

export interface RenderedFile {
  name: string
  text: string
}

export interface RenderedParts {
  /** Hash of all that is in front of the backends: globals, defaults, frontends, spare backends. */
  frame: string
  /** By service: hash of what takes a reload to change in its backend. */
  services: ReadonlyMap<string, string>
  /** Services that a spare backend can serve as well as their own: they ask for nothing unusual. */
  plain: ReadonlySet<string>
}

export const configFile = 'haproxy.cfg'
/** Service to backend. */
export const servicesMap = 'services.map'
/** Public name and path to service. */
export const publicMap = 'public.map'
/** Service to the words that its callers read while it is closed, with `%20` for spaces. */
export const maintenanceMap = 'maintenance.map'
/** Servers that a new worker takes for down; none but while there is a reload. */
export const statesFile = 'servers.state'
/** Which certificates HAProxy shows, by the copies of them. */
export const certificatesList = 'certificates.list'
