// Finds a program of the system, or brings it: through the system's package manager, or unpacked into the user's cache.
import {existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import {attempt, outputOf} from './run.mjs'

const systemPlaces = ['/usr/sbin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin']

/**
 * What is wanted: `{program, override, versionArguments, debian, dnf, brew, unpacked, startsService}`. `override` is a
 * path that is used whatever else there is; `unpacked` is where the Debian package has the program; without
 * `versionArguments` a program is taken for fit when it is there. One that would start a service of its own when it's
 * installed is rather unpacked: nobody asked for a server that runs for ever.
 */

/** Returns a path, or undefined once everything that is permitted was tried. */
export function ensureProgram(wanted) {
  const present = findProgram(wanted)
  if (present !== undefined) return present
  console.error(`${wanted.program} is missing; installing it …`)
  const ways = [installWithSystem, unpackIntoCache]
  for (const install of wanted.startsService ? ways.reverse() : ways) {
    install(wanted)
    const found = findProgram(wanted)
    if (found !== undefined) return found
  }
  return undefined
}

/** The first that runs: the override, what is installed, what was unpacked. */
export function findProgram(wanted) {
  const onPath = (process.env.PATH ?? '').split(path.delimiter).filter((entry) => path.isAbsolute(entry))
  const installed = [...onPath, ...systemPlaces].map((place) => path.join(place, wanted.program))
  const unpacked = path.join(unpackedDirectory(wanted), wanted.unpacked)
  return [wanted.override, ...installed, unpacked].find(
    (file) => file !== undefined && file !== '' && runs(wanted, file),
  )
}

/** An unpacked package brings its libraries along; yard finds them the same way. */
function runs(wanted, file) {
  const directory = unpackedDirectory(wanted)
  const env = file.startsWith(directory)
    ? {...process.env, LD_LIBRARY_PATH: librariesBeside(directory).join(':')}
    : process.env
  if (!existsSync(file)) return false
  return wanted.versionArguments === undefined || outputOf(file, wanted.versionArguments, {env}) !== undefined
}

function librariesBeside(directory) {
  const parent = path.join(directory, 'usr/lib')
  if (!existsSync(parent)) return []
  return readdirSync(parent)
    .filter((name) => name.endsWith('-linux-gnu'))
    .map((name) => path.join(parent, name))
}

function unpackedDirectory(wanted) {
  return path.join(cacheDirectory(), wanted.program)
}

function cacheDirectory() {
  return path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'yard')
}

function installWithSystem({debian, dnf, brew}) {
  const asRoot = rootPrefix()
  if (has('brew') && process.platform === 'darwin') attempt('brew', ['install', brew])
  else if (asRoot === undefined) return
  else if (has('apt-get')) aptInstall(asRoot, debian)
  else if (has('dnf')) attempt(...prefixed(asRoot, 'dnf', ['install', '-y', dnf]))
}

function aptInstall(asRoot, debian) {
  const env = {...process.env, DEBIAN_FRONTEND: 'noninteractive'}
  const install = () =>
    attempt(...prefixed(asRoot, 'apt-get', ['install', '-y', '--no-install-recommends', debian]), {env})
  if (install().succeeded) return
  attempt(...prefixed(asRoot, 'apt-get', ['update']), {env})
  const second = install()
  if (!second.succeeded) showEnd(second.output)
}

/** Words before a command that needs root: none for root, sudo where it asks no password, undefined otherwise. */
function rootPrefix() {
  if (process.getuid?.() === 0) return []
  return outputOf('sudo', ['-n', 'true']) === undefined ? undefined : ['sudo', '-n']
}

function prefixed(prefix, file, args) {
  const [first, ...rest] = [...prefix, file, ...args]
  return [first, rest]
}

function has(program) {
  return outputOf('sh', ['-c', `command -v ${program}`]) !== undefined
}

/** Debian and Ubuntu without root: the packages that are missing, unpacked where the user may write. */
function unpackIntoCache(wanted) {
  if (!has('apt-get') || !has('dpkg-deb')) return
  mkdirSync(cacheDirectory(), {recursive: true})
  const work = mkdtempSync(path.join(cacheDirectory(), `${wanted.program}-`))
  try {
    const apt = ownApt(work)
    if (missingPackages(apt, wanted) === undefined) attempt('apt-get', [...apt, 'update'])
    const names = missingPackages(apt, wanted) ?? []
    if (names.length === 0) return
    const download = attempt('apt-get', [...apt, 'download', ...names], {cwd: work})
    if (!download.succeeded) showEnd(download.output)
    const target = path.join(work, 'root')
    for (const file of readdirSync(work).filter((entry) => entry.endsWith('.deb'))) {
      attempt('dpkg-deb', ['-x', path.join(work, file), target])
    }
    if (existsSync(path.join(target, wanted.unpacked))) publish(target, unpackedDirectory(wanted))
  } finally {
    rmSync(work, {recursive: true, force: true})
  }
}

/** apt with lists and locks of its own, so that no other user's state is needed or touched. */
function ownApt(work) {
  const options = [
    `Dir::State=${path.join(work, 'state')}`,
    `Dir::State::status=/var/lib/dpkg/status`,
    `Dir::Cache=${path.join(work, 'cache')}`,
    'Debug::NoLocking=1',
    'APT::Sandbox::User=',
  ]
  mkdirSync(path.join(work, 'state/lists/partial'), {recursive: true})
  mkdirSync(path.join(work, 'cache/archives/partial'), {recursive: true})
  return options.flatMap((option) => ['-o', option])
}

function missingPackages(apt, {debian}) {
  const words = ['install', '--print-uris', '-qq', '--no-install-recommends', debian]
  const uris = outputOf('apt-get', [...apt, ...words])
  const names = uris?.split('\n').flatMap((line) => /^'[^']+' ([^_ ]+)_/.exec(line)?.[1] ?? [])
  return names === undefined || names.length === 0 ? undefined : names
}

function publish(unpacked, directory) {
  rmSync(directory, {recursive: true, force: true})
  renameSync(unpacked, directory)
}

function showEnd(output) {
  console.error(output.trim().split('\n').slice(-3).join('\n'))
}
