import {accessSync, constants, mkdtempSync, readdirSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'

import {freePorts} from '../free-port.js'
import {findEtcd} from '../../../scripts/bootstrap/etcd.mjs'
import {ask, unlessCompacted} from './ask.js'
import {type Certificates, makeCertificates} from './certificates.js'
import {makeMember, type Member} from './member.js'

export {etcdMissing, etcdTlsMissing} from './missing.js'

export interface ClusterOptions {
  /** Default 3. */
  members?: number
  /** Clients must speak TLS, and show a certificate of the cluster's authority. */
  tls?: boolean
  /** Turns authentication on, with these users besides `rootUser`. */
  users?: readonly ClusterUser[]
  /** More flags for every member. */
  flags?: readonly string[]
  /** Where they run, when that isn't on this machine's loopback. */
  network?: ClusterNetwork
}

/** Another network: `prefix` has programs run there, a door leads from this machine's loopback to one of its addresses. */
export interface ClusterNetwork {
  readonly prefix: readonly string[]
  /** One for each member. */
  readonly serverAddresses: readonly string[]
  door(target: string): Promise<number>
}

export interface ClusterUser {
  name: string
  password: string
  /** May read and write keys that begin with it. Default '': all keys. */
  prefix?: string
}

export const rootUser = {name: 'root', password: 'root-password'} as const

/** Real etcd members on free loopback ports. Members are numbered from 0. */
export interface Cluster {
  /** `127.0.0.1:port` of each member. */
  readonly endpoints: readonly string[]
  /** `etcd://host:port,host:port` */
  readonly url: string
  /** With `tls: true` only. */
  readonly certificates: Certificates | undefined
  /** Everything the members write lies below it. */
  readonly directory: string
  /** SIGKILL, and waits until the member is gone. */
  kill(member: number): Promise<void>
  /** Starts a member again, with its data and ports, and waits until it answers. */
  restart(member: number): Promise<void>
  /** SIGSTOP: it keeps its connections and answers nothing. */
  pause(member: number): void
  resume(member: number): void
  /** The member that leads, once there is one. */
  leader(): Promise<number>
  /** Waits until every running member agrees on a leader. */
  settled(): Promise<void>
  /** Forgets the history before a revision; without one, before the newest. Returns that revision. */
  compact(revision?: number): Promise<number>
  /** Asks one member's gateway directly, as root where users are on: `ask(0, 'kv/put', {key, value})`, in base64. */
  ask(member: number, path: string, body: unknown): Promise<Record<string, unknown>>
  /** Writes text behind yard's back. */
  put(key: string, value: string): Promise<void>
  /** Kills every member and removes what they wrote. Doing it twice is harmless. */
  stop(): Promise<void>
}

/** Starts a cluster, in a second or two, and waits until it has a leader. Ask `etcdMissing()` first. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  for (let attempt = 1; ; attempt++) {
    const cluster = await prepare(options)
    try {
      await cluster.begin()
      return cluster
    } catch (error) {
      await cluster.stop()
      if (attempt === 3) throw error
    }
  }
}

type StartingCluster = Cluster & {begin(): Promise<void>}

async function prepare(options: ClusterOptions): Promise<StartingCluster> {
  const directory = makeDirectory()
  const certificates = options.tls === true ? makeCertificates(directory) : undefined
  const members = await planMembers(options, directory, certificates)
  let token: string | undefined
  let leading: number | undefined

  const askMember = async (member: number, place: string, body: unknown) => {
    const question = {port: members[member]!.port, path: `/v3/${place}`, body, certificates}
    if (options.users === undefined) return ask(question)
    try {
      return await ask({...question, token})
    } catch (error) {
      if (!/invalid auth token|user name is empty/.test(String(error))) throw error
      const answer = await ask({...question, path: '/v3/auth/authenticate', body: rootUser})
      token = answer['token'] as string
      return ask({...question, token})
    }
  }
  const askAny = async (place: string, body: unknown) =>
    askMember(
      members.findIndex(({isRunning}) => isRunning),
      place,
      body,
    )
  /** The number of the running member that all running members call their leader. */
  const findLeader = async () => {
    const running = [...members.keys()].filter((number) => members[number]!.isRunning)
    const answers = await Promise.all(running.map((number) => askMember(number, 'maintenance/status', {})))
    const ids = answers.map(({header}) => (header as {member_id?: string}).member_id)
    const [leader, ...others] = new Set(answers.map((answer) => answer['leader']))
    return others.length > 0 ? undefined : running[ids.findIndex((id) => id === leader)]
  }
  const settled = async () =>
    until(
      'the members to agree on a leader',
      members,
      async () => (leading = await findLeader()) !== undefined,
    )

  return {
    endpoints: members.map(({port}) => `127.0.0.1:${port}`),
    url: `etcd://${members.map(({port}) => `127.0.0.1:${port}`).join(',')}`,
    certificates,
    directory,
    async begin() {
      for (const member of members) member.start()
      await settled()
      if (options.users !== undefined) await turnUsersOn(options.users, askAny)
    },
    kill: (member) => members[member]!.kill(),
    async restart(member) {
      await members[member]!.kill()
      members[member]!.start()
      await until(`member ${member} to answer`, members, async () => {
        await askMember(member, 'maintenance/status', {})
        return true
      })
    },
    pause: (member) => members[member]!.signal('SIGSTOP'),
    resume: (member) => members[member]!.signal('SIGCONT'),
    async leader() {
      await settled()
      return leading!
    },
    settled,
    async compact(revision) {
      const {header} = await askAny('kv/range', {key: encode('x')})
      const oldest = revision ?? Number((header as {revision: string}).revision)
      await askAny('kv/compaction', {revision: String(oldest), physical: true}).catch(unlessCompacted)
      return oldest
    },
    ask: askMember,
    async put(key, value) {
      await askAny('kv/put', {key: encode(key), value: encode(value)})
    },
    async stop() {
      await Promise.all(members.map((member) => member.kill()))
      rmSync(directory, {recursive: true, force: true})
    },
  }
}

async function planMembers(
  {members = 3, flags = [], network}: ClusterOptions,
  directory: string,
  certificates: Certificates | undefined,
): Promise<Member[]> {
  const program = findEtcd()
  if (program === undefined) throw new Error('etcd is not installed')
  const ports = network === undefined ? await freePorts(members * 2) : await doorsTo(network, members)
  const places = placesOf(network, members, ports)
  const peers = places.map(({peer}, n) => `m${n}=http://${peer}`)
  const scheme = certificates === undefined ? 'http' : 'https'
  return peers.map((peer, n) => {
    const [name, peerUrl] = peer.split('=') as [string, string]
    const clientUrl = `${scheme}://${places[n]!.client}`
    const args = [
      ...['--name', name, '--data-dir', path.join(directory, name)],
      ...['--listen-client-urls', clientUrl, '--advertise-client-urls', clientUrl],
      ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
      ...['--initial-cluster', peers.join(','), '--initial-cluster-token', path.basename(directory)],
      ...['--heartbeat-interval', '50', '--election-timeout', '500'],
      ...['--unsafe-no-fsync', '--bcrypt-cost', '4', '--log-level', 'warn', '--logger', 'zap'],
      ...(certificates === undefined ? [] : tlsFlags(certificates)),
      ...flags,
    ]
    const prefix = network?.prefix ?? []
    return makeMember({program, name, directory, port: ports[n]!, args, prefix})
  })
}

const [clientPort, peerPort] = [2379, 2380]

/** Ports of this machine's loopback, one for each member, that lead to the members. */
async function doorsTo(network: ClusterNetwork, members: number): Promise<number[]> {
  const addresses = network.serverAddresses.slice(0, members)
  return Promise.all(addresses.map((address) => network.door(`${address}:${clientPort}`)))
}

function placesOf(
  network: ClusterNetwork | undefined,
  members: number,
  ports: readonly number[],
): {client: string; peer: string}[] {
  return Array.from({length: members}, (_, n) => {
    const address = network?.serverAddresses[n]
    return address === undefined
      ? {client: `127.0.0.1:${ports[n]!}`, peer: `127.0.0.1:${ports[members + n]!}`}
      : {client: `${address}:${clientPort}`, peer: `${address}:${peerPort}`}
  })
}

function tlsFlags({directory}: Certificates): string[] {
  const file = (name: string) => path.join(directory, name)
  const own = ['--cert-file', file('server.pem'), '--key-file', file('server.key')]
  return [...own, '--client-cert-auth', '--trusted-ca-file', file('ca.pem')]
}

type Ask = (place: string, body: unknown) => Promise<unknown>

async function turnUsersOn(users: readonly ClusterUser[], askAny: Ask): Promise<void> {
  await askAny('auth/user/add', rootUser)
  await askAny('auth/user/grant', {user: 'root', role: 'root'}).catch(async () => {
    await askAny('auth/role/add', {name: 'root'})
    await askAny('auth/user/grant', {user: 'root', role: 'root'})
  })
  for (const {name, password, prefix = ''} of users) {
    const range = prefix === '' ? {key: 'AA==', range_end: 'AA=='} : prefixRange(prefix)
    await askAny('auth/user/add', {name, password})
    await askAny('auth/role/add', {name: `${name}-role`})
    await askAny('auth/role/grant', {name: `${name}-role`, perm: {permType: 'READWRITE', ...range}})
    await askAny('auth/user/grant', {user: name, role: `${name}-role`})
  }
  await askAny('auth/enable', {})
}

function prefixRange(prefix: string): {key: string; range_end: string} {
  const end = Buffer.from(prefix)
  end[end.length - 1]! += 1
  return {key: encode(prefix), range_end: end.toString('base64')}
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64')
}

async function until(
  what: string,
  members: readonly Member[],
  isTrue: () => Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + 30_000
  for (;;) {
    const [ended] = members.filter(({isRunning}) => !isRunning)
    if (await isTrue().catch(() => false)) return
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}\n${(ended ?? members[0]!).log()}`)
    await pause(20)
  }
}

/** Removes what tests left behind that were killed: its name says who made it. */
function makeDirectory(): string {
  const parent = fastDirectory()
  for (const name of readdirSync(parent)) {
    const maker = /^yard-etcd-(\d+)-/.exec(name)?.[1]
    if (maker !== undefined && !isAlive(Number(maker))) {
      rmSync(path.join(parent, name), {recursive: true, force: true})
    }
  }
  return mkdtempSync(path.join(parent, `yard-etcd-${process.pid}-`))
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** In memory where there is such a place: etcd waits for its disk at every write. */
function fastDirectory(): string {
  try {
    accessSync('/dev/shm', constants.W_OK)
    return '/dev/shm'
  } catch {
    return tmpdir()
  }
}
