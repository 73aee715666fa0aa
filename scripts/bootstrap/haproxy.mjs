// Makes sure there is an haproxy to run: the system's, or one unpacked into the user's cache.
import {existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import {attempt, outputOf} from './run.mjs'

const systemPlaces = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin']

/** Returns a path, or stops the process with the line to type. */
export function ensureHaproxy() {
  const present = findHaproxy()
  if (present !== undefined) return present
  console.error('haproxy is missing; installing it …')
  for (const install of [installWithSystem, unpackIntoCache]) {
    install()
    const found = findHaproxy()
    if (found !== undefined) return found
  }
  console.error(
    [
      "haproxy is missing and can't be installed without your help.",
      'Next, one of:',
      '  sudo apt-get install -y haproxy     # Debian, Ubuntu',
      '  sudo dnf install -y haproxy         # Fedora, RHEL',
      '  brew install haproxy                # macOS',
    ].join('\n'),
  )
  process.exit(4)
}

export function findHaproxy() {
  const onPath = (process.env.PATH ?? '').split(path.delimiter).filter((entry) => path.isAbsolute(entry))
  const installed = [...onPath, ...systemPlaces].map((place) => path.join(place, 'haproxy'))
  const unpacked = path.join(unpackedDirectory(), 'usr/sbin/haproxy')
  return [process.env.YARD_HAPROXY, ...installed, unpacked].find((file) => file !== undefined && runs(file))
}

/** An unpacked package brings its libraries along; yard finds them the same way. */
function runs(file) {
  const libraries = librariesBeside(unpackedDirectory())
  const env = file.startsWith(unpackedDirectory())
    ? {...process.env, LD_LIBRARY_PATH: libraries.join(':')}
    : process.env
  return outputOf(file, ['-v'], {env}) !== undefined
}

function librariesBeside(directory) {
  const parent = path.join(directory, 'usr/lib')
  if (!existsSync(parent)) return []
  return readdirSync(parent)
    .filter((name) => name.endsWith('-linux-gnu'))
    .map((name) => path.join(parent, name))
}

function unpackedDirectory() {
  return path.join(cacheDirectory(), 'haproxy')
}

function cacheDirectory() {
  return path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'yard')
}

function installWithSystem() {
  const asRoot = rootPrefix()
  if (has('brew') && process.platform === 'darwin') attempt('brew', ['install', 'haproxy'])
  else if (asRoot === undefined) return
  else if (has('apt-get')) aptInstall(asRoot)
  else if (has('dnf')) attempt(...prefixed(asRoot, 'dnf', ['install', '-y', 'haproxy']))
}

function aptInstall(asRoot) {
  const env = {...process.env, DEBIAN_FRONTEND: 'noninteractive'}
  const install = () =>
    attempt(...prefixed(asRoot, 'apt-get', ['install', '-y', '--no-install-recommends', 'haproxy']), {env})
  if (install().succeeded) return
  attempt(...prefixed(asRoot, 'apt-get', ['update']), {env})
  const second = install()
  if (!second.succeeded) console.error(second.output.trim().split('\n').slice(-3).join('\n'))
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
function unpackIntoCache() {
  if (!has('apt-get') || !has('dpkg-deb')) return
  mkdirSync(cacheDirectory(), {recursive: true})
  const work = mkdtempSync(path.join(cacheDirectory(), 'haproxy-'))
  try {
    const apt = ownApt(work)
    if (missingPackages(apt) === undefined) attempt('apt-get', [...apt, 'update'])
    const names = missingPackages(apt) ?? []
    if (names.length === 0) return
    const download = attempt('apt-get', [...apt, 'download', ...names], {cwd: work})
    if (!download.succeeded) console.error(download.output.trim().split('\n').slice(-3).join('\n'))
    const target = path.join(work, 'root')
    for (const file of readdirSync(work).filter((entry) => entry.endsWith('.deb'))) {
      attempt('dpkg-deb', ['-x', path.join(work, file), target])
    }
    if (existsSync(path.join(target, 'usr/sbin/haproxy'))) publish(target)
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

function missingPackages(apt) {
  const uris = outputOf('apt-get', [
    ...apt,
    'install',
    '--print-uris',
    '-qq',
    '--no-install-recommends',
    'haproxy',
  ])
  const names = uris?.split('\n').flatMap((line) => /^'[^']+' ([^_ ]+)_/.exec(line)?.[1] ?? [])
  return names === undefined || names.length === 0 ? undefined : names
}

function publish(unpacked) {
  rmSync(unpackedDirectory(), {recursive: true, force: true})
  renameSync(unpacked, unpackedDirectory())
}
