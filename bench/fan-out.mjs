// One command on many hosts: yard's shells beside bare ssh2 and OpenSSH, all of which check host keys.
import {spawn} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import ssh2 from 'ssh2'

import {makeLibrary} from './catalog/library.mjs'
import {sshdParts, startSshds} from './hosts/sshds.mjs'
import {judge, percentile, say, saySurroundings, shown} from './routing/figures.mjs'

const coldRounds = 10
const warmRounds = 60
const startsAtOnce = 30

export async function bench() {
  // Packages of others read it, and slow down every process that is started.
  delete process.env.NODE_EXTRA_CA_CERTS
  const made = await makeLibrary(sshdParts)
  try {
    const library = await import(made.file)
    const missing = library.sshdMissing()
    if (missing !== undefined) {
      console.log(`\nOne command on many hosts\n  - skipped: ${missing}`)
      return true
    }
    const met = []
    for (const count of [30, 60]) met.push(await measure(library, count))
    return met.every(Boolean)
  } finally {
    made.remove()
  }
}

async function measure(library, count) {
  const work = mkdtempSync(path.join(os.tmpdir(), 'yard-bench-'))
  const fleet = await startSshds(library, count, work)
  console.log(`\n\`true\` on ${count} hosts, ${startsAtOnce} connections begun at once, in turns`)
  saySurroundings()
  try {
    const contenders = {'bare ssh2': () => bareClients(fleet), yard: () => yardShells(library, fleet)}
    const cold = await measureCold(contenders, fleet)
    const warm = await measureWarm(contenders)
    for (const [title, figures] of Object.entries({cold, warm})) {
      for (const [name, millis] of Object.entries(figures)) {
        say(
          `${title}: ${name}`,
          `min ${shown(Math.min(...millis))}  median ${shown(percentile(millis, 0.5))} ms`,
        )
      }
    }
    const beside = (figures, other) => Math.min(...figures.yard) / Math.min(...figures[other])
    say('cold: yard beside bare ssh2', `${shown(beside(cold, 'bare ssh2'))} times`)
    return [
      judge('cold: yard beside OpenSSH', beside(cold, 'OpenSSH'), 1, 'times'),
      judge('warm: yard beside bare ssh2', beside(warm, 'bare ssh2'), 1.5, 'times'),
    ].every(Boolean)
  } finally {
    await fleet.stop()
    rmSync(work, {recursive: true, force: true})
  }
}

/** With a new connection to each host. */
async function measureCold(contenders, fleet) {
  const figures = {'bare ssh2': [], yard: [], OpenSSH: []}
  for (let round = 0; round < coldRounds; round += 1) {
    for (const [name, open] of Object.entries(contenders)) {
      const opened = open()
      figures[name].push(await millisOf(() => opened.run()))
      await opened.close()
    }
    figures.OpenSSH.push(await millisOf(() => openssh(fleet)))
  }
  return figures
}

/** On connections that are there. */
async function measureWarm(contenders) {
  const figures = {}
  const opened = Object.entries(contenders).map(([name, open]) => [name, open()])
  for (const [, each] of opened) await each.run()
  for (let round = 0; round < warmRounds; round += 1) {
    for (const [name, each] of opened) (figures[name] ??= []).push(await millisOf(() => each.run()))
  }
  for (const [, each] of opened) await each.close()
  return figures
}

async function millisOf(task) {
  const started = performance.now()
  await task()
  return performance.now() - started
}

/** As commands of yard do it: the host key is pinned, the platform file says port and key, ssh_config the rest. */
function yardShells({SshRemoteShell}, {configFileForAll, sshds}) {
  const shells = sshds.map(
    (sshd, index) =>
      new SshRemoteShell(sshd.settings({configFile: configFileForAll, host: `host-${index + 1}`})),
  )
  return {
    run: async () => {
      const results = await Promise.all(
        shells.map((shell) => shell.run({file: 'true', args: [], deadlineMillis: 30_000})),
      )
      if (!results.every(({outcome}) => outcome === 'succeeded')) throw new Error('a command did not succeed')
    },
    close: () => Promise.all(shells.map((shell) => shell.close())),
  }
}

/** The least that works: told everything, nothing looked up, no deadline. */
function bareClients({sshds}) {
  let clients
  const connect = (sshd) =>
    new Promise((resolve, reject) => {
      const client = new ssh2.Client()
      client.on('error', reject)
      client.on('ready', () => {
        client.setNoDelay(true)
        resolve(client)
      })
      client.connect({
        host: sshd.address,
        port: sshd.port,
        username: sshd.settings().user,
        privateKey: readFileSync(sshd.identityFile),
        hostVerifier: (key) => sshd.hostKeys[0].endsWith(key.toString('base64')),
      })
    })
  const exec = (client) =>
    new Promise((resolve, reject) => {
      client.exec('true', (error, channel) => {
        if (error) return reject(error)
        channel.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`ended with ${code}`))))
        channel.resume()
        channel.stderr.resume()
        channel.end()
      })
    })
  return {
    run: async () => {
      clients ??= await inTurn(sshds, connect)
      await Promise.all(clients.map(exec))
    },
    close: () =>
      Promise.all(clients.map((client) => new Promise((resolve) => client.on('close', resolve).end()))),
  }
}

async function inTurn(items, task) {
  const results = []
  let next = 0
  const work = async () => {
    while (next < items.length) {
      const index = next++
      results[index] = await task(items[index])
    }
  }
  await Promise.all(Array.from({length: startsAtOnce}, work))
  return results
}

function openssh({configFile, names}) {
  return new Promise((resolve, reject) => {
    const args = ['-P', String(startsAtOnce), '-I', '{}', 'ssh', '-T', '-F', configFile, '{}', 'true']
    const child = spawn('xargs', args, {stdio: ['pipe', 'ignore', 'inherit']})
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`xargs ended with ${code}`))))
    // One that ends early needs no more names.
    child.stdin.on('error', () => undefined)
    child.stdin.end(names.map((name) => `${name}\n`).join(''))
  })
}
