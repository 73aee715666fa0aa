/** The machine whose HAProxy is configured: this one, or one that is reached over SSH. */
export interface RouterHost {
  /** For people: `this machine`, `web-1`. */
  readonly name: string
  readonly places: RouterPlaces
  /** As in `2.6.12`. @throws YardError E_HAPROXY_MISSING, E_HAPROXY_OLD, E_HOST_UNREACHABLE */
  haproxyVersion(): Promise<string>
  /** The files in place, by name; undefined when there is no configuration yet. */
  installed(): Promise<ReadonlyMap<string, string> | undefined>
  /** Writes the files beside those in place, durably and for their owner alone. @throws YardError E_DISK_FULL, E_PERMISSION */
  writeCandidate(files: readonly HostFile[]): Promise<void>
  /** What `haproxy -c` objects to in the candidate; undefined when it accepts it. */
  checkCandidate(): Promise<string | undefined>
  /**
   * Puts the candidate in place, and keeps what was there as the previous files. HAProxy may start from what is in
   * place at any moment, so it fits together at every moment.
   */
  install(): Promise<void>
  /** Replaces one of the files in place at once; the previous files stay what they are. @throws YardError E_DISK_FULL, E_PERMISSION */
  replaceFile(file: HostFile): Promise<void>
  /** Puts the previous files back in place. False when there are none. */
  restorePrevious(): Promise<boolean>
  /** Sends a line to a socket of HAProxy and returns all it answers; undefined when nobody is there or the answer breaks off. */
  ask(socket: RouterSocket, line: string): Promise<string | undefined>
  /** Why nothing can listen there; undefined when the address is free. */
  bindFault(endpoint: {address: string; port: number}): Promise<BindFault | undefined>
  /** How many files HAProxy may have open there; undefined when it can't be told. */
  descriptorLimit(): Promise<number | undefined>
  /** Looks at the certificates of a directory and keeps a copy of each usable one where HAProxy reads it. */
  certificates(directory: string): Promise<HostCertificates>
  /** Whether a server answers its health check right now; undefined where that can't be asked. */
  passesCheck(check: ServerCheck): Promise<boolean | undefined>
  /** Starts HAProxy from the files in place, unless it runs. @throws YardError E_HAPROXY_UNCONFIRMED */
  startHaproxy(): Promise<void>
  /** Whether a HAProxy of yard is looked after there, and how often it was started again. */
  haproxyProcess(): Promise<HaproxyProcess>
  /** Ends it gracefully, or at once when it doesn't react. */
  stopHaproxy(): Promise<void>
  /** Kills a HAProxy that doesn't react any more; whoever looks after it starts it again. */
  killHaproxy(): Promise<void>
  /** Ends one worker process. */
  terminateWorker(pid: number): Promise<void>
  /** Asks for a reload by a signal: the way that is left when the master's socket is gone. False when there is no master. */
  signalReload(): Promise<boolean>
  /** What HAProxy wrote last. */
  lastLines(): Promise<string[]>
}

/** Absolute paths there. */
export interface RouterPlaces {
  /** Holds haproxy.cfg and its maps; nobody else writes there. */
  directory: string
  adminSocket: string
  masterSocket: string
}

export type RouterSocket = 'admin' | 'master'

export interface HostFile {
  /** Without a directory. */
  name: string
  text: string
}

export type BindFault = 'taken' | 'not-allowed' | 'no-such-address'

export interface HaproxyProcess {
  isRunning: boolean
  /** Since somebody began to look after it. */
  restarts: number
  lastExit?: string
}

export interface ServerCheck {
  address: string
  port: number
  /** Asked with GET; undefined where accepting a connection is enough. */
  path: string | undefined
  /** The Host header. */
  host: string
}

export interface HostCertificates {
  /** Sorted by name. */
  usable: UsableCertificate[]
  /** One line for people per certificate that can't be used. */
  broken: string[]
}

export interface UsableCertificate {
  /** Of the file in the directory of certificates. */
  name: string
  /** The copy that HAProxy reads; another content has another path. */
  path: string
}
