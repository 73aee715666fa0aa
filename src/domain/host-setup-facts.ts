/** What a machine is and has, as far as it matters before releases go there. Nothing of it can be trusted. */
export interface HostSetupFacts {
  /** Who logged in. */
  login: string
  system: {
    /** As in `/etc/os-release`: `debian`. */
    id: string
    /** `Debian GNU/Linux 12 (bookworm)` */
    title: string
    /** `x86_64` */
    architecture: string
  }
  /** Undefined where systemd doesn't run. */
  systemdVersion?: number
  /** Where programs are, by name; those that were asked for and are there. */
  programs: ReadonlyMap<string, string>
  /** What `haproxy`, `node` and `python3` call themselves, as in `2.6.12`. */
  versions: ReadonlyMap<string, string>
  /** All paths that were asked for. */
  paths: ReadonlyMap<string, FoundPath>
  /** Undefined while there is no such user. */
  account?: FoundAccount
  /** Lines of the authorized keys of who logged in, and of the account. */
  loginKeys: string[]
  accountKeys: string[]
  /** Of its sshd, each as in `ssh-ed25519 AAAA…`. */
  hostKeys: string[]
  /** All units that were asked for and exist. */
  units: ReadonlyMap<string, FoundUnit>
  /** HAProxy's own configuration there is the one that its package brought. */
  isHaproxyUnused: boolean
  disks: FoundDisk[]
  clockAheadMillis: number
  /** Undefined where nobody knows. */
  isTimeSynchronised?: boolean
  /** What the machine wrote survives its restart. */
  isJournalKept: boolean
  /** Sudo lets the account run root's program. */
  isSudoAllowed: boolean
}

export interface FoundPath {
  kind: 'absent' | 'directory' | 'file' | 'link' | 'other'
  owner: string
  group: string
  /** Octal, as in `755`. */
  mode: string
  /** Of a file. */
  sha256?: string
}

export interface FoundAccount {
  uid: number
  home: string
  shell: string
  /** `none`: no password is the right one. `locked`: and sshd may refuse it for that. `set`: there is one. */
  password: 'none' | 'locked' | 'set'
  groups: string[]
}

export interface FoundUnit {
  isEnabled: boolean
  isActive: boolean
  /** Its file changed since systemd read it. */
  isOutdated: boolean
}

export interface FoundDisk {
  directory: string
  freeBytes: number
  /** Undefined where the file system has no fixed number of them. */
  freeInodes?: number
}
