import {execFile} from 'node:child_process'
import {constants} from 'node:fs'
import {access, readdir} from 'node:fs/promises'
import path from 'node:path'
import {promisify} from 'node:util'

import {isVersionAtLeast} from '../../domain/haproxy/version.js'
import {YardError} from '../../errors.js'

export interface HaproxyPlaces {
  /** Used whatever else there is: `YARD_HAPROXY`. */
  override?: string | undefined
  /** The directories of PATH. */
  searchPath: readonly string[]
  /** Where a package was unpacked without being installed: `<cacheDirectory>/usr/sbin/haproxy`. */
  cacheDirectory?: string | undefined
}

export interface FoundHaproxy {
  file: string
  /** As in `2.6.12`. */
  version: string
  /** What it needs in its environment to start: the library path of an unpacked package. */
  variables: Record<string, string>
}

const usualDirectories = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin']
const oldest = [2, 4] as const

/**
 * The first HAProxy that runs.
 * @throws YardError E_HAPROXY_MISSING, and E_HAPROXY_OLD below 2.4
 */
export async function findHaproxy(places: HaproxyPlaces): Promise<FoundHaproxy> {
  for (const candidate of await candidatesIn(places)) {
    const version = await versionOf(candidate)
    if (version === undefined) continue
    if (!isVersionAtLeast(version, oldest)) throw tooOld(candidate.file, version)
    return {...candidate, version}
  }
  throw missing(places.override)
}

type Candidate = Omit<FoundHaproxy, 'version'>

async function candidatesIn({override, searchPath, cacheDirectory}: HaproxyPlaces): Promise<Candidate[]> {
  if (override !== undefined && override !== '') return [{file: path.resolve(override), variables: {}}]
  const directories = [...searchPath.filter((directory) => path.isAbsolute(directory)), ...usualDirectories]
  const installed = [...new Set(directories)].map((directory) => ({
    file: path.join(directory, 'haproxy'),
    variables: {},
  }))
  if (cacheDirectory === undefined) return installed
  const unpacked = {
    file: path.join(cacheDirectory, 'usr/sbin/haproxy'),
    variables: {LD_LIBRARY_PATH: (await libraryDirectories(cacheDirectory)).join(':')},
  }
  return [...installed, unpacked]
}

async function libraryDirectories(root: string): Promise<string[]> {
  const parents = [path.join(root, 'usr/lib'), path.join(root, 'lib')]
  const children = await Promise.all(
    parents.map(async (parent) => {
      const names = await readdir(parent).catch(() => [])
      return names.filter((name) => name.endsWith('-linux-gnu')).map((name) => path.join(parent, name))
    }),
  )
  return [...children.flat(), ...parents]
}

async function versionOf({file, variables}: Candidate): Promise<string | undefined> {
  try {
    await access(file, constants.X_OK)
    const {stdout} = await promisify(execFile)(file, ['-v'], {timeout: 10_000, env: variables})
    return /^HA-?Proxy version (\d+\.\d+(?:\.\d+)?)/m.exec(stdout)?.[1]
  } catch {
    return undefined
  }
}

const installLines = [
  'sudo apt-get install haproxy',
  'sudo dnf install haproxy',
  'brew install haproxy',
] as const

function missing(override: string | undefined): YardError {
  if (override !== undefined && override !== '') {
    return new YardError('E_HAPROXY_MISSING', {
      what: "Can't route requests",
      why: `${override} is no HAProxy that runs here`,
      next: ['unset YARD_HAPROXY', ...installLines],
    })
  }
  return new YardError('E_HAPROXY_MISSING', {
    what: "Can't route requests",
    why: 'haproxy is not installed',
    next: [...installLines],
  })
}

function tooOld(file: string, version: string): YardError {
  return new YardError('E_HAPROXY_OLD', {
    what: `Can't route requests with ${file}`,
    why: `it is HAProxy ${version} and yard needs 2.4 or newer`,
    next: [...installLines],
  })
}
