/** A model as text. */
export interface RenderedRouting {
  /** `haproxy.cfg` */
  config: string
  /** `services.map`: service to backend, one a line. */
  map: string
  /**
   * Hash of everything that takes a reload to change, which is all but the servers. HAProxy shows it as
   * `description`, so it can be read back from the process that runs.
   */
  generation: string
}
