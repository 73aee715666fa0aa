import {hostProgram} from './host-unit.js'

/** Who brings releases to a host, and as whom HAProxy runs there. */
export const deployAccount = {name: 'yard', home: '/var/lib/yard-deploy', shell: '/bin/sh'} as const

export const sudoersFile = '/etc/sudoers.d/yard'
export const temporaryFilesFile = '/etc/tmpfiles.d/yard.conf'
export const authorizedKeysFile = `${deployAccount.home}/.ssh/authorized_keys`
export const haproxyUnitFile = '/etc/systemd/system/yard-haproxy.service'
export const haproxyPathUnitFile = '/etc/systemd/system/yard-haproxy.path'

export const haproxyUnit = 'yard-haproxy.service'
export const haproxyPathUnit = 'yard-haproxy.path'
/** The one that HAProxy's package brings and starts. */
export const packagedHaproxyUnit = 'haproxy.service'

/** Each is done wholly or not at all; done again it changes nothing. */
export type SetupStep =
  | {kind: 'packages'; names: readonly string[]}
  /** `isNew` false: it is there and has another home, shell or password than it should. */
  | {kind: 'account'; isNew: boolean}
  | ({kind: 'directory'} & WantedDirectory)
  | ({kind: 'file'} & WantedFile)
  | {kind: 'reload-units'}
  | {kind: 'unit-on'; unit: string}
  | {kind: 'unit-off'; unit: string}

export interface WantedDirectory {
  path: string
  owner: 'root' | typeof deployAccount.name
  /** Octal, as in `755`. */
  mode: string
}

/** Belongs to root. */
export interface WantedFile {
  path: string
  mode: string
  text: string
  /** Looks at it before it is put in place. */
  check?: 'sudoers' | 'script'
}

/** Parents before children. The account may change what it owns, and what is in its home belongs to root all the same. */
export const wantedDirectories: readonly WantedDirectory[] = [
  {path: '/usr/lib/yard', owner: 'root', mode: '755'},
  {path: deployAccount.home, owner: 'root', mode: '755'},
  {path: `${deployAccount.home}/.ssh`, owner: 'root', mode: '755'},
  {path: '/srv/yard', owner: deployAccount.name, mode: '755'},
  {path: '/var/lib/yard', owner: deployAccount.name, mode: '700'},
  {path: '/run/yard', owner: deployAccount.name, mode: '700'},
]

/** Whoever may write into one of these could become root or the account: only root may. */
export const guardedDirectories: readonly string[] = [
  '/',
  '/usr',
  '/usr/lib',
  '/etc',
  '/etc/sudoers.d',
  '/etc/systemd',
  '/etc/systemd/system',
  '/etc/tmpfiles.d',
  '/srv',
  '/var',
  '/var/lib',
  '/run',
]

/** What a host must have, and the Debian package that brings it. */
export const neededPrograms: ReadonlyMap<string, string> = new Map([
  ['haproxy', 'haproxy'],
  ['sudo', 'sudo'],
  ['visudo', 'sudo'],
  ['useradd', 'passwd'],
  ['vipw', 'passwd'],
  ['flock', 'util-linux'],
  ['b2sum', 'coreutils'],
  ['sha256sum', 'coreutils'],
  ['gzip', 'gzip'],
  ['tar', 'tar'],
])

/** Where room is looked for: what is brought there, what HAProxy is told, and root's program. */
export const roomyDirectories: readonly string[] = ['/srv', '/var/lib', '/usr/lib', '/etc']

/**
 * Exactly one program, and no argument of it is sudo's business: it checks them all itself. Whatever the other files of sudo
 * say, no variable of the caller reaches it.
 */
export const sudoersText = `# Written by yard host setup. The program checks its arguments itself.
Defaults!${hostProgram} env_reset, !setenv, !requiretty, !use_pty
Defaults!${hostProgram} secure_path="/usr/sbin:/usr/bin:/sbin:/bin"
${deployAccount.name} ALL=(root) NOPASSWD: ${hostProgram}
`

/** So that the account has a place for HAProxy's sockets after each boot, before anything of it runs. */
export const temporaryFilesText = `# Written by yard host setup.
d /run/yard 0700 ${deployAccount.name} ${deployAccount.name} -
`
