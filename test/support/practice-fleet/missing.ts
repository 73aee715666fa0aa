import {execFileSync} from 'node:child_process'
import {existsSync} from 'node:fs'
import {homedir} from 'node:os'
import path from 'node:path'

import {
  baseDirectory,
  fleetFault,
  type FleetSettings,
  makeBase,
} from '../../../src/adapters/fleet-nspawn/index.js'
import {cleanVariables} from '../../../src/app/clean-variables.js'

/** Where the Node.js of this machine is on a host. */
export const nodeProgram = '/usr/local/bin/node'

/** Everything of a fleet's settings but where it is. */
export function machineSettings(): Omit<FleetSettings, 'directory'> {
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache')
  return {
    cache: path.join(cache, 'yard'),
    variables: cleanVariables(process.env),
    node: process.execPath,
    mirror: process.env['YARD_DEBIAN_MIRROR'],
  }
}

/** The files of a Debian that nobody ever booted. Nothing may be written there. */
export function debianFiles(): string {
  return baseDirectory(machineSettings())
}

/** Asked once for a test file: the first time at all, the files of the hosts are made, which takes a minute. */
const missing = await whatIsMissing()

/** Why no practice fleet can be had here; undefined when one can. */
export function fleetMissing(): string | undefined {
  return missing
}

/** Lines of shell that make `root` of a directory on a tmpfs: these files, and what is written there over them. */
export function overlayLines(base: string, directory: string): string[] {
  const [upper, work, root] = ['upper', 'work', 'root'].map((name) => `${directory}/${name}`)
  return [
    `mkdir ${upper} ${work} ${root}`,
    `mount -t overlay overlay -o 'lowerdir=${base},upperdir=${upper},workdir=${work}' ${root}`,
  ]
}

async function whatIsMissing(): Promise<string | undefined> {
  const settings = {...machineSettings(), directory: '/'}
  const isBaseThere = existsSync(debianFiles())
  const fault = fleetFault(settings, isBaseThere)
  if (fault !== undefined) return fault.why
  try {
    if (!isBaseThere) await makeBase(settings)
    return trialFault()
  } catch (error) {
    return (error as Error).message
  }
}

/** Whether its files can be laid under others here, and the Node.js of this machine runs there. */
function trialFault(): string | undefined {
  const lines = [
    'set -e',
    'mount -t tmpfs tmpfs /run',
    ...overlayLines(debianFiles(), '/run'),
    `touch /run/root${nodeProgram}`,
    `mount --bind "$1" /run/root${nodeProgram}`,
    `chroot /run/root ${nodeProgram} --version`,
  ]
  const unshared = ['--mount', '--propagation', 'private', 'sh', '-c', lines.join('\n'), 'sh']
  try {
    execFileSync('unshare', [...unshared, process.execPath], {stdio: 'ignore'})
    return undefined
  } catch {
    return 'the Node.js of this machine does not run on a Debian that is laid over its files'
  }
}
