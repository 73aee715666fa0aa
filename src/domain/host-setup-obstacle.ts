import {type ErrorCode} from '../errors.js'
import {deployAccount, guardedDirectories, neededPrograms, wantedDirectories} from './host-setup.js'
import {type FoundPath, type HostSetupFacts} from './host-setup-facts.js'

/** Why a machine can't be made ready, and what to do about it there. */
export interface SetupObstacle {
  code: Extract<ErrorCode, 'E_DISK_FULL' | 'E_HOST_SETUP'>
  why: string
  next: [string, ...string[]]
}

/** With `LoadCredential=`, which keeps secrets out of units. */
const oldestSystemd = 247
const leastFreeBytes = 200_000_000
const leastFreeInodes = 5_000
/** Of the account as yard itself makes it, now or earlier. */
const ownHomes: readonly string[] = [deployAccount.home, '/var/lib/yard']

/** The directory itself where a link stands for it. */
export function followed(directory: string): string {
  return directory === '/' ? '/' : `${directory}/.`
}

/** What keeps it from being made ready at all; undefined when nothing does. */
export function setupObstacle(facts: HostSetupFacts, mayInstall: boolean): SetupObstacle | undefined {
  return (
    systemdObstacle(facts) ??
    packageObstacle(facts, mayInstall) ??
    accountObstacle(facts) ??
    pathObstacle(facts) ??
    guardObstacle(facts)
  )
}

/** Too little room to change anything there. */
export function roomObstacle({disks}: HostSetupFacts): SetupObstacle | undefined {
  const full = disks.find(({freeBytes}) => freeBytes < leastFreeBytes)
  if (full !== undefined) {
    const {directory, freeBytes} = full
    const free = `${Math.floor(freeBytes / 1_000_000)} MB free for ${directory}`
    return {
      code: 'E_DISK_FULL',
      why: `it has ${free}, and at least ${leastFreeBytes / 1_000_000} MB are needed`,
      next: [`df -h ${directory}   # there`],
    }
  }
  const crowded = disks.find(({freeInodes}) => freeInodes !== undefined && freeInodes < leastFreeInodes)
  if (crowded === undefined) return undefined
  return {
    code: 'E_DISK_FULL',
    why: `it has room for ${crowded.freeInodes ?? 0} more files in ${crowded.directory}, and at least ${leastFreeInodes} are needed`,
    next: [`df -i ${crowded.directory}   # there`],
  }
}

function systemdObstacle({systemdVersion}: HostSetupFacts): SetupObstacle | undefined {
  if (systemdVersion === undefined) {
    return {
      code: 'E_HOST_SETUP',
      why: 'systemd does not run there',
      next: ['use a Debian, an Ubuntu or another Linux with systemd'],
    }
  }
  if (systemdVersion >= oldestSystemd) return undefined
  return {
    code: 'E_HOST_SETUP',
    why: `it has systemd ${systemdVersion}, and yard needs ${oldestSystemd} or newer`,
    next: ['use Debian 11, Ubuntu 22.04 or newer'],
  }
}

function packageObstacle({programs, system}: HostSetupFacts, mayInstall: boolean): SetupObstacle | undefined {
  const missing = [...neededPrograms].filter(([program]) => !programs.has(program))
  const names = [...new Set(missing.map(([, name]) => name))].join(' ')
  if (names === '' || (mayInstall && programs.has('apt-get'))) return undefined
  const missed = missing.map(([program]) => program).join(', ')
  return {
    code: 'E_HOST_SETUP',
    why: mayInstall
      ? `${system.title} has no apt-get, so yard can't install what is missing: ${missed}`
      : `this is missing there and --no-install was given: ${missed}`,
    next: programs.has('apt-get')
      ? [`sudo apt-get install ${names}   # there`]
      : [`install ${names} there, and run the command again`],
  }
}

function accountObstacle({account}: HostSetupFacts): SetupObstacle | undefined {
  if (account === undefined) return undefined
  const {home, password, uid} = account
  const mark =
    (uid === 0 && 'is root under another name') ||
    (password === 'set' && 'has a password') ||
    (!ownHomes.includes(home) && `has its home in ${home}`)
  if (mark === false) return undefined
  return {
    code: 'E_HOST_SETUP',
    why: `there is a user ${deployAccount.name} already that yard didn't make: it ${mark}`,
    next: [`getent passwd ${deployAccount.name}   # there`, 'rename or remove that user there'],
  }
}

/** Something else stands where a directory of yard belongs; nothing goes through a link. */
function pathObstacle({paths}: HostSetupFacts): SetupObstacle | undefined {
  const wrong = wantedDirectories.find(({path}) => {
    const kind = paths.get(path)?.kind
    return kind !== undefined && kind !== 'absent' && kind !== 'directory'
  })
  if (wrong === undefined) return undefined
  const kind = paths.get(wrong.path)?.kind === 'link' ? 'a link' : 'a file'
  return {
    code: 'E_HOST_SETUP',
    why: `${wrong.path} is ${kind} there, and has to be a directory`,
    next: [`ls -ld ${wrong.path}   # there`],
  }
}

/** Whoever may write above root's program, or beside it, is root. */
function guardObstacle({paths}: HostSetupFacts): SetupObstacle | undefined {
  const open = guardedDirectories.find((path) => isOpen(paths.get(followed(path))))
  if (open === undefined) return undefined
  return {
    code: 'E_HOST_SETUP',
    why: `others than root may write into ${open} there, and so become root`,
    next: [`ls -ld ${open}   # there`, `chown root:root ${open} && chmod go-w ${open}   # there`],
  }
}

function isOpen(found: FoundPath | undefined): boolean {
  if (found === undefined || found.kind === 'absent') return false
  const mode = parseInt(found.mode, 8)
  const isGroupOpen = (mode & 0o020) !== 0 && found.group !== 'root'
  const isOpenToAll = (mode & 0o002) !== 0
  return found.owner !== 'root' || isGroupOpen || isOpenToAll
}
