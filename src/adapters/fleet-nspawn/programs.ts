import {execFile} from 'node:child_process'
import {existsSync, readFileSync} from 'node:fs'
import path from 'node:path'

import {YardError} from '../../errors.js'
import {type FleetSettings} from './settings.js'

/** Each with the Debian package that has it. */
const programs = {
  'systemd-nspawn': 'systemd-container',
  debootstrap: 'debootstrap',
  ip: 'iproute2',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  flock: 'util-linux',
  mount: 'mount',
} as const

export type Program = keyof typeof programs

const systemPlaces = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/bin', '/bin']

/** Why this machine can have no practice fleet, with lines that help; undefined when it can, as far as can be told at once. */
export function fleetFault(
  settings: Pick<FleetSettings, 'variables'>,
  isBaseThere: boolean,
  verb: 'down' | 'up' = 'up',
): {why: string; next: [string, ...string[]]} | undefined {
  if (process.platform !== 'linux')
    return {why: 'its hosts are made of namespaces of Linux', next: ['run it on a Linux machine']}
  if (process.getuid?.() !== 0)
    return {
      why: 'only root makes namespaces and mounts',
      next: [`sudo yard fleet ${verb}   # and what is done with these hosts as root, too`],
    }
  const missing = (Object.keys(programs) as Program[]).filter(
    (program) =>
      findProgram(settings.variables, program) === undefined && !(program === 'debootstrap' && isBaseThere),
  )
  if (missing.length > 0) {
    const packages = [...new Set(missing.map((program) => programs[program]))]
    return {
      why: `${missing.join(', ')} can't be found`,
      next: [`apt-get install -y ${packages.join(' ')}`, `yard fleet ${verb}`],
    }
  }
  if (/ (?:cgroup2|cgroup) /.test(readFileSync('/proc/mounts', 'utf8'))) return undefined
  return {why: 'no cgroups are mounted here', next: ['ls /sys/fs/cgroup']}
}

export function findProgram(
  variables: Readonly<Record<string, string>>,
  program: Program,
): string | undefined {
  return searchPath(variables)
    .map((place) => path.join(place, program))
    .find((file) => existsSync(file))
}

/** What programs of this machine are started with. */
export function programVariables(variables: Readonly<Record<string, string>>): Record<string, string> {
  return {...variables, PATH: searchPath(variables).join(':'), LC_ALL: 'C.UTF-8'}
}

function searchPath(variables: Readonly<Record<string, string>>): string[] {
  const given = (variables['PATH'] ?? '').split(':').filter((place) => path.isAbsolute(place))
  return [...new Set([...given, ...systemPlaces])]
}

export interface ProgramOptions {
  timeoutMillis?: number
  signal?: AbortSignal
}

/**
 * Runs a program to its end and returns what it wrote to stdout.
 * @throws YardError E_FLEET with its last line when it doesn't end well
 */
export async function runProgram(
  settings: Pick<FleetSettings, 'variables'>,
  what: string,
  [file, ...args]: readonly [string, ...string[]],
  {signal, timeoutMillis = 30_000}: ProgramOptions = {},
): Promise<string> {
  signal?.throwIfAborted()
  return new Promise((resolve, reject) => {
    const options = {
      env: programVariables(settings.variables),
      timeout: timeoutMillis,
      killSignal: 'SIGKILL' as const,
      maxBuffer: 16 * 1024 ** 2,
    }
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      signal?.removeEventListener('abort', abort)
      if (error === null) resolve(stdout)
      else if (signal?.aborted === true) reject(signal.reason as Error)
      else reject(failure(what, error, stdout, stderr))
    })
    // Some that wait for others ignore everything else.
    const abort = () => child.kill('SIGKILL')
    signal?.addEventListener('abort', abort, {once: true})
  })
}

function failure(what: string, error: Error & {killed?: boolean}, stdout: string, stderr: string): YardError {
  const said = `${stdout}\n${stderr}`
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const why = error.killed === true ? 'it took too long' : (said.at(-1) ?? error.message)
  return new YardError('E_FLEET', {
    what,
    why,
    next: ['yard fleet up   # mends what was left half done', 'yard fleet down'],
    cause: error,
    details: {lastLines: said.slice(-20)},
  })
}
