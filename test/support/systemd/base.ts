import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import {findDebootstrap, findNspawn} from '../../../scripts/bootstrap/nspawn.mjs'
import {networkMissing} from '../network/hosts.js'

const release = 'bookworm'
const packages = ['systemd', 'systemd-sysv', 'dbus', 'openssh-server', 'haproxy', 'procps', 'ca-certificates']
const makingMillis = 300_000

/** Where the Node.js of this machine is on the Debian. */
export const nodeProgram = '/usr/local/bin/node'

/** Why no Debian can be booted here; undefined when one can. The first time, its files are made, which takes a minute. */
export function systemdMissing(): string | undefined {
  const missing = networkMissing()
  if (missing !== undefined) return missing
  if (findNspawn() === undefined) return 'systemd-nspawn is not installed'
  if (!/ cgroup2 /.test(readFileSync('/proc/mounts', 'utf8')))
    return 'this machine has no cgroups of version 2'
  return baseFault()
}

/** The files of a Debian that nobody ever booted. Nothing may be written there. */
export function baseDirectory(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache')
  const content = createHash('sha256').update(packages.join()).digest('hex').slice(0, 8)
  return path.join(cache, 'yard', `debian-${release}-${content}`)
}

function baseFault(): string | undefined {
  const base = baseDirectory()
  if (!existsSync(base)) {
    const debootstrap = findDebootstrap()
    if (debootstrap === undefined) return 'debootstrap is not installed'
    const fault = makeBase(debootstrap, base)
    if (fault !== undefined) return fault
  }
  return trialFault(base)
}

/** Either the whole of it is there afterwards, or nothing. */
function makeBase(debootstrap: string, base: string): string | undefined {
  mkdirSync(path.dirname(base), {recursive: true})
  const work = mkdtempSync(`${base}-`)
  const words = ['--variant=minbase', `--include=${packages.join()}`, release, work]
  try {
    // What it mounts and starts ends with it, however it ends.
    const prefix = [
      '--pdeathsig',
      'KILL',
      'unshare',
      '--mount',
      '--pid',
      '--fork',
      '--kill-child',
      '--mount-proc',
    ]
    execFileSync('setpriv', [...prefix, debootstrap, ...words], {
      timeout: makingMillis,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const spare of ['var/cache/apt', 'var/lib/apt/lists'])
      rmSync(path.join(work, spare), {recursive: true, force: true})
    chmodSync(work, 0o755)
    renameSync(work, base)
    return undefined
  } catch (error) {
    rmSync(work, {recursive: true, force: true})
    if (existsSync(base)) return undefined
    const said = (error as {stdout?: Buffer}).stdout?.toString().trim() ?? ''
    return `debootstrap makes no Debian here: ${said.split('\n').at(-1) ?? ''}`
  }
}

/** Whether its files can be laid under others here, and the Node.js of this machine runs there. */
function trialFault(base: string): string | undefined {
  const lines = [
    'set -e',
    'mount -t tmpfs tmpfs /run',
    ...overlayLines(base, '/run'),
    `touch /run/root${nodeProgram}`,
    `mount --bind "$1" /run/root${nodeProgram}`,
    `chroot /run/root ${nodeProgram} --version`,
  ]
  try {
    const words = [
      '--mount',
      '--propagation',
      'private',
      'sh',
      '-c',
      lines.join('\n'),
      'sh',
      process.execPath,
    ]
    execFileSync('unshare', words, {stdio: 'ignore'})
    return undefined
  } catch {
    return 'the Node.js of this machine does not run on a Debian that is laid over its files'
  }
}

/** Lines of shell that make `root` of a directory on a tmpfs: these files, and what is written there over them. */
export function overlayLines(base: string, directory: string): string[] {
  const [upper, work, root] = ['upper', 'work', 'root'].map((name) => `${directory}/${name}`)
  return [
    `mkdir ${upper} ${work} ${root}`,
    `mount -t overlay overlay -o 'lowerdir=${base},upperdir=${upper},workdir=${work}' ${root}`,
  ]
}
