import {type Catalog} from '../../catalog/catalog.js'
import {type LockIdentity} from '../../catalog/locks.js'
import {type Clock} from '../../contracts/clock.js'
import {type HostSetup} from '../../contracts/host-setup.js'
import {type Report} from '../../contracts/report.js'
import {type Host} from '../../domain/environment.js'

export interface HostSetupNeeds {
  catalog: Catalog
  clock: Clock
  report: Report
  signal: AbortSignal
  identity: LockIdentity
  /** Returns once a person agreed to a change of a protected environment. @throws YardError E_NOT_CONFIRMED */
  confirmProtected: (change: {environment: string; purpose: string}) => Promise<void>
  /** Connects only when it is asked for something. */
  openHost: (host: Host, options: {user: string; acceptsNewKey: boolean}) => Promise<OpenedSetup>
  /** Root's program, as it is to be there. */
  hostScript: () => Promise<string>
  /** Whom the platform file wants yard to log in as, on this host. */
  configuredUser: (host: Host) => string | undefined
}

export interface OpenedSetup {
  setup: HostSetup
  /** Its SSH host key, when it was taken although nobody knew it. */
  newHostKey(): string | undefined
  close(): Promise<void>
}

export interface HostSetupRequest {
  environment: string
  /** Undefined for all hosts of the environment. */
  host: string | undefined
  isForAll: boolean
  /** Root or somebody with sudo; whom the platform file names, or else root, unless given. */
  login: string | undefined
  /** `check` and `plan` look, and change nothing. */
  mode: 'apply' | 'check' | 'plan'
  acceptsNewKey: boolean
  /** Lines of public keys whose owners may bring releases there, besides those who may log in now. */
  authorizedKeys: readonly string[]
  mayInstall: boolean
}

export interface HostSetupReport {
  environment: string
  mode: HostSetupRequest['mode']
  /** In the order of their names. */
  hosts: SetUpHost[]
  /** A host isn't ready. */
  code?: 'E_HOST_SETUP'
}

export interface SetUpHost {
  host: string
  address: string
  /** Whom yard logged in as. */
  login: string
  /** `ready`: it is now. `unchanged`: it was. `differs`: it isn't, and was only looked at. */
  outcome: 'ready' | 'unchanged' | 'differs' | 'failed'
  /** What differed, in the order in which it is put right. */
  changes: HostDifference[]
  machine?: MachineSummary
  /** What somebody should know all the same, a line each. */
  remarks: string[]
  /** Its keys were not known before; they are pinned in the catalog now. */
  pinnedKeys?: string[]
  problem?: {code: string; what: string; why: string; next: readonly string[]}
}

export interface HostDifference {
  /** A path, a package, a unit, a user. */
  subject: string
  found: string
  /** What puts it right, as somebody would type it there. */
  command: string
}

export interface MachineSummary {
  system: string
  architecture: string
  systemd?: number
  haproxy?: string
  node?: string
  python3?: string
  /** Where releases are kept. */
  freeBytes?: number
  freeInodes?: number
  clockAheadMillis: number
  /** Undefined where nobody knows. */
  isTimeSynchronised?: boolean
  isJournalKept: boolean
}
