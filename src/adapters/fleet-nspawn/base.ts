import {createHash} from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'

import {findProgram, runProgram} from './programs.js'
import {type FleetSettings} from './settings.js'
import {withFileLock} from './file-lock.js'

const release = 'bookworm'
/** What somebody who rents a small Debian gets, and what services of several languages need. */
const packages = [
  'systemd',
  'systemd-sysv',
  'dbus',
  'openssh-server',
  'haproxy',
  'sudo',
  'rsync',
  'procps',
  'iproute2',
  'ca-certificates',
  'python3',
  'libfaketime',
]
/** Counts up when what is done to the files afterwards changes. */
const recipe = 1
const makingMillis = 900_000

/** The files of a Debian that nobody ever booted. Nothing may be written there. */
export function baseDirectory({cache}: Pick<FleetSettings, 'cache'>): string {
  const content = createHash('sha256')
    .update([recipe, ...packages].join())
    .digest('hex')
    .slice(0, 8)
  return path.join(cache, `debian-${release}-${content}`)
}

/**
 * Makes the Debian that hosts start from, unless it's there. Either the whole of it is there afterwards, or nothing.
 * @throws YardError E_FLEET
 */
export async function makeBase(settings: FleetSettings, signal?: AbortSignal): Promise<void> {
  const base = baseDirectory(settings)
  mkdirSync(settings.cache, {recursive: true})
  await withFileLock(
    settings,
    settings.cache,
    {waitMillis: makingMillis, ...(signal && {signal})},
    async () => {
      removeDrafts(base)
      if (existsSync(base)) return
      const draft = mkdtempSync(draftPrefix(base))
      try {
        await fill(settings, draft, signal)
        renameSync(draft, base)
      } finally {
        rmSync(draft, {recursive: true, force: true})
      }
    },
  )
}

async function fill(settings: FleetSettings, draft: string, signal: AbortSignal | undefined): Promise<void> {
  // What it mounts and starts ends with it, however it ends.
  const guarded = [
    '--pdeathsig',
    'KILL',
    'unshare',
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
  ]
  const debootstrap = findProgram(settings.variables, 'debootstrap') ?? 'debootstrap'
  const words = ['--variant=minbase', `--include=${packages.join()}`, release, draft]
  const mirror = settings.mirror === undefined ? [] : [settings.mirror]
  await runProgram(
    settings,
    "Can't make the Debian that the hosts start from",
    ['setpriv', ...guarded, debootstrap, ...words, ...mirror],
    {timeoutMillis: makingMillis, ...(signal && {signal})},
  )
  for (const spare of [
    'var/cache/apt',
    'var/lib/apt/lists',
    'var/log/bootstrap.log',
    'var/lib/dbus/machine-id',
  ])
    rmSync(path.join(draft, spare), {recursive: true, force: true})
  // Every host has keys and a number of its own.
  const ssh = path.join(draft, 'etc/ssh')
  for (const name of readdirSync(ssh).filter((each) => each.startsWith('ssh_host_')))
    rmSync(path.join(ssh, name))
  writeFileSync(path.join(draft, 'etc/machine-id'), '')
  chmodSync(draft, 0o755)
}

/** Of a program that was killed: whoever has the lock is the only one at work. */
function removeDrafts(base: string): void {
  const directory = path.dirname(base)
  const prefix = path.basename(draftPrefix(base))
  for (const name of readdirSync(directory).filter((each) => each.startsWith(prefix)))
    rmSync(path.join(directory, name), {recursive: true, force: true})
}

function draftPrefix(base: string): string {
  return `${base}.draft-`
}
