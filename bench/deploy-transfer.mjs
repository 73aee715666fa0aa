// Bringing a release to many hosts: yard beside rsync, tar and Ansible. First, with 1 % of its files changed, unchanged.
import {createHash} from 'node:crypto'
import {copyFileSync, mkdtempSync, readFileSync, readlinkSync, rmSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import {fileURLToPath} from 'node:url'

import {makeLibrary} from './catalog/library.mjs'
import {say, saySurroundings, shown} from './routing/figures.mjs'
import {ansible, rsyncLine, tarLine, yard} from './transfer/contenders.mjs'
import {emptyHosts, startHosts} from './transfer/hosts.mjs'
import {makeReleases} from './transfer/releases.mjs'

const sizes = [3, 10, 30]
const rounds = {3: 7, 10: 5, 30: 5}
/** It takes so long that one round more or less tells nothing. */
const ansibleRounds = 1
const installedScript = fileURLToPath(new URL('../templates/host/yard-host.sh', import.meta.url))

const parts = `
export {SshInstanceHost, ReleasePackings} from './src/adapters/instance-host-ssh/index.js'
export {SshRemoteShell} from './src/adapters/shell-ssh/index.js'
export {listFiles} from './src/adapters/artifacts-files/file-list.js'
export {startSshd} from './test/support/ssh/sshd.js'
export {sshdMissing} from './test/support/ssh/missing.js'
`

export async function bench() {
  const made = await makeLibrary(parts)
  const work = mkdtempSync(path.join(os.tmpdir(), 'yard-bench-'))
  try {
    const library = await import(made.file)
    const missing = library.sshdMissing()
    if (missing !== undefined) {
      console.log(`\nBringing releases to hosts\n  - skipped: ${missing}`)
      return true
    }
    const releases = await makeReleases(library, work)
    const hostScript = path.join(work, 'yard-host')
    copyFileSync(installedScript, hostScript)
    const digest = createHash('sha256').update(readFileSync(hostScript)).digest('hex')
    const rivals = {rsync: rsyncLine(), ansible: await ansible(work, releases)}
    if (rivals.rsync === undefined) console.log('  - rsync is skipped: it can not be had')
    if (typeof rivals.ansible === 'string') console.log(`  - Ansible is skipped: ${rivals.ansible}`)
    const contenders = [yard(library, digest), tarLine, rivals.rsync, rivals.ansible].filter(
      (one) => one !== undefined && typeof one !== 'string',
    )
    let isMet = true
    for (const count of sizes) {
      const fleet = await startHosts(library, mkdtempSync(path.join(work, 'fleet-')), count, hostScript)
      try {
        isMet = report(count, await measure(contenders, releases, fleet, rounds[count])) && isMet
      } finally {
        await fleet.stop()
      }
    }
    return isMet
  } finally {
    made.remove()
    rmSync(work, {recursive: true, force: true})
  }
}

/** Contenders take turns; of each, the smallest of many rounds counts. By contender and case. */
async function measure(contenders, releases, fleet, most) {
  const best = new Map()
  for (let round = 0; round < most; round += 1) {
    for (const contender of contenders) {
      if (contender.name === 'Ansible' && round >= ansibleRounds) continue
      emptyHosts(fleet.hosts)
      for (const release of releases) {
        const cpu = fleet.cpuMillis()
        const begun = performance.now()
        await contender.bring(release, fleet)
        const wall = performance.now() - begun
        await fleet.untilQuiet()
        const figures = {wall, cpu: fleet.cpuMillis() - cpu}
        checkCurrent(fleet.hosts, contender, release)
        const key = `${contender.name}, ${release.name}`
        const known = best.get(key) ?? {wall: Infinity, cpu: Infinity}
        best.set(key, {wall: Math.min(known.wall, figures.wall), cpu: Math.min(known.cpu, figures.cpu)})
      }
    }
  }
  return best
}

/** Who only looks fast has not brought it. */
function checkCurrent(hosts, {name}, {directory, number}) {
  for (const host of hosts) {
    const current =
      name === 'yard'
        ? path.join(host.directory, 'srv/yard/billing/releases', `r${number}`)
        : path.join(host.directory, readlinkSync(path.join(host.directory, 'current')))
    if (!current.endsWith(`r${number}`)) throw new Error(`${name} left ${host.name} at ${current}`)
    const sample = 'lib/part-10/file-10.js'
    if (!readFileSync(path.join(current, sample)).equals(readFileSync(path.join(directory, sample)))) {
      throw new Error(`${name} brought other bytes to ${host.name}`)
    }
  }
}

/** The limits are for processor time: others are at work on the machine, and it's what there is least of on two processors. */
function report(count, best) {
  console.log(`\nA release of 4 MB in 300 files to ${count} hosts on loopback, connections included`)
  saySurroundings()
  const isMet = []
  for (const kind of ['first', 'changed', 'unchanged']) {
    const own = best.get(`yard, ${kind}`)
    for (const [key, {cpu, wall}] of best) {
      if (!key.endsWith(`, ${kind}`)) continue
      const ratios = `${shown(cpu / own.cpu)}x, ${shown(wall / own.wall)}x of yard`
      say(key, `CPU of both ends ${shown(cpu)} ms`, `${shown(wall)} ms`, ratios)
    }
    const against = (rival, most) => {
      const other = best.get(`${rival}, ${kind}`)
      if (other === undefined) return
      const ratio = own.cpu / other.cpu
      isMet.push(ratio <= most)
      console.log(
        `  ${ratio <= most ? '✓' : '✗'} yard takes ${shown(ratio)}x of ${rival}, at most ${shown(most)}x`,
      )
    }
    if (kind === 'first') against('tar over ssh', 1.15)
    else against('rsync --link-dest', 1)
    against('Ansible', 1 / 3)
  }
  return isMet.every(Boolean)
}
