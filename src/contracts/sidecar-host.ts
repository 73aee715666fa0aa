/** A machine that gets a sidecar, reached over SSH. */
export interface SidecarHost {
  /** @throws YardError E_HOST_UNREACHABLE, E_HOST_KEY, E_HOST_AUTH */
  facts(): Promise<SidecarHostFacts>
  /**
   * Writes files, each whole or not at all, and returns the paths of those that weren't there with this content.
   * @throws YardError E_DISK_FULL, E_PERMISSION
   */
  install(files: readonly SidecarFile[]): Promise<string[]>
  /** Has systemd read its units, and start the sidecar at once and with the machine; restarts one that runs when asked to. */
  start(options: {restarts: boolean}): Promise<void>
}

export interface SidecarHostFacts {
  /** Of the Node.js there, as in `20.19.0`. */
  nodeVersion?: string
  /** Absolute. */
  node?: string
  haproxy?: string
  hasSystemd: boolean
  /** Whether who logs in may write units: root, and whom sudo lets become root without a password. */
  isRoot: boolean
  /** A token for the catalog was put there, where only root reads it. */
  hasToken: boolean
}

export interface SidecarFile {
  /** Absolute. */
  path: string
  text: string
}

/** Where a host's token for the catalog is looked for. */
export const sidecarTokenFile = '/etc/yard/token'
