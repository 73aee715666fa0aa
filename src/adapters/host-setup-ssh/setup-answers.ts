import {sshKeyPattern} from '../../domain/environment.js'
import {
  type FoundAccount,
  type FoundDisk,
  type FoundPath,
  type FoundUnit,
  type HostSetupFacts,
} from '../../domain/host-setup-facts.js'

const longestText = 200
const mostKeys = 1_000
const mostHostKeys = 10

/** Of this machine's clock. */
export interface AskedAt {
  sentMillis: number
  heardMillis: number
}

/**
 * What the script `facts` prints. What doesn't look as it should is left out, and then counts as not being there;
 * undefined when the last line is missing.
 */
export function readFacts(output: string, asked: AskedAt): HostSetupFacts | undefined {
  const lines = output.split('\n')
  if (lines.at(-1) === '') lines.pop()
  if (lines.pop() !== 'complete') return undefined
  const after = (name: string) =>
    lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1))
  const one = (name: string) => (after(name)[0] ?? '').slice(0, longestText)
  const systemdVersion = Number(/^systemctl systemd (\d+)/m.exec(after('version').join('\n'))?.[1])
  const synchronised = /^NTPSynchronized=(yes|no)$/m.exec(output)?.[1]
  const account = readAccount(one('account'), one('password'), one('groups'))
  return {
    login: one('login'),
    system: {
      id: valueIn(after('os'), 'ID') ?? 'unknown',
      title: valueIn(after('os'), 'PRETTY_NAME') ?? 'a system without a name',
      architecture: one('architecture'),
    },
    ...(Number.isSafeInteger(systemdVersion) && {systemdVersion}),
    programs: new Map(after('program').flatMap(pairIn)),
    versions: new Map(after('version').flatMap(versionIn)),
    paths: new Map(after('path').flatMap(pathIn)),
    ...(account !== undefined && {account}),
    loginKeys: after('login-key').slice(0, mostKeys),
    accountKeys: after('account-key').slice(0, mostKeys),
    hostKeys: after('host-key')
      .filter((key) => sshKeyPattern.test(key))
      .slice(0, mostHostKeys),
    units: new Map(after('unit').flatMap(unitIn)),
    isHaproxyUnused: lines.includes('haproxy-unused'),
    disks: after('room').flatMap(diskIn),
    clockAheadMillis: aheadMillis(Number(one('clock')), asked),
    ...(synchronised !== undefined && {isTimeSynchronised: synchronised === 'yes'}),
    isJournalKept: lines.includes('journal kept'),
    isSudoAllowed: lines.includes('sudo allowed'),
  }
}

/** At least so far: somewhere between the question and the answer the clock there showed this. */
function aheadMillis(clockMillis: number, {heardMillis, sentMillis}: AskedAt): number {
  if (!Number.isSafeInteger(clockMillis) || clockMillis <= 0) return 0
  return Math.min(clockMillis - sentMillis, 0) + Math.max(clockMillis - heardMillis, 0)
}

function valueIn(lines: readonly string[], name: string): string | undefined {
  const line = lines.find((each) => each.startsWith(`${name}=`))
  const value = line?.slice(name.length + 1).replace(/^(["'])(.*)\1$/, '$2')
  return value === undefined || value === '' ? undefined : value.slice(0, longestText)
}

function pairIn(text: string): [string, string][] {
  const [, name, value] = /^([a-z0-9-]+) (\/\S+)$/.exec(text) ?? []
  return name === undefined || value === undefined ? [] : [[name, value]]
}

/** `haproxy HAProxy version 2.6.12-1+deb12u1 …`, `node v20.19.0`, `python3 Python 3.11.2` */
function versionIn(text: string): [string, string][] {
  const [, name, version] = /^([a-z0-9]+) \D*(\d+\.\d+(?:\.\d+)?)/.exec(text) ?? []
  return name === undefined || version === undefined ? [] : [[name, version]]
}

function pathIn(text: string): [string, FoundPath][] {
  const [, kind, owner, group, mode, sum, path] =
    /^(absent|directory|file|link|other) (\S+) (\S+) ([0-7]+) (-|[0-9a-f]{64}) (\/.*)$/.exec(text) ?? []
  if (owner === undefined || group === undefined || mode === undefined || path === undefined) return []
  const found: FoundPath = {kind: kind as FoundPath['kind'], owner, group, mode}
  return [[path, sum === undefined || sum === '-' ? found : {...found, sha256: sum}]]
}

/** A line of the system's users; what can't be told of a password counts as one. */
function readAccount(record: string, password: string, groups: string): FoundAccount | undefined {
  const [, uid, home, shell] = /^[^:]*:[^:]*:(\d+):\d+:[^:]*:([^:]*):([^:]*)$/.exec(record) ?? []
  if (uid === undefined || home === undefined || shell === undefined) return undefined
  return {
    uid: Number(uid),
    home,
    shell,
    password: password === 'none' || password === 'locked' ? password : 'set',
    groups: groups.split(' ').filter((group) => group !== ''),
  }
}

function unitIn(text: string): [string, FoundUnit][] {
  const [, name, enabled, active, outdated] = /^(\S+) (\S+) (\S+) (yes|no)$/.exec(text) ?? []
  if (name === undefined) return []
  return [
    [
      name,
      {
        isEnabled: enabled === 'enabled',
        isActive: active === 'active' || active === 'activating',
        isOutdated: outdated === 'yes',
      },
    ],
  ]
}

function diskIn(text: string): FoundDisk[] {
  const [, free, inodes, directory] = /^\s*(\d+)\s+(\d+|-)\s+(\/.*)$/.exec(text) ?? []
  if (free === undefined || directory === undefined) return []
  // A file system that makes them as it goes says zero, or nothing.
  const count = Number(inodes)
  return [{directory, freeBytes: Number(free), ...(count > 0 && {freeInodes: count})}]
}
