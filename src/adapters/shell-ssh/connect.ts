import {spawn} from 'node:child_process'
import {Duplex} from 'node:stream'
import {setTimeout as sleep} from 'node:timers/promises'

import ssh2 from 'ssh2'

import {type YardError} from '../../errors.js'
import {type Destination} from './destination.js'
import {keyRefused, type KeyVerdict, notLetIn, unreachable} from './failures.js'
import {readCredentials} from './identities.js'
import {algorithmsOf, keyText, type KnownKeys, readKnownKeys} from './known-keys.js'
import {type RemoteShellSettings} from './settings.js'
import {Dropped, startInTurn} from './starts.js'

export interface Connected {
  client: ssh2.Client
  /** The key that was taken although nobody knew it. */
  newKey: string | undefined
}

const endedWhy = 'it ended the connection'
/** What ssh says of a machine on the way that dropped the connection. */
const droppedWords = /kex_exchange_identification:|banner exchange:|Exceeded MaxStartups/
const defaultConnectMillis = 15_000
const defaultKeepaliveMillis = 5_000
/** With the longest connect, half a minute is not exceeded. */
const defaultPatienceMillis = 14_000

/**
 * A connection that is logged in. Waits for its turn, and tries again when it's dropped before the login begins.
 * @throws YardError E_HOST_UNREACHABLE, E_HOST_KEY, E_HOST_AUTH
 */
export async function connect(
  settings: RemoteShellSettings,
  destination: Destination,
  isWanted: () => boolean,
): Promise<Connected> {
  const {patienceMillis = defaultPatienceMillis} = settings
  let attempts = 0
  const start = () => {
    attempts += 1
    return connectOnce(settings, destination)
  }
  try {
    return await startInTurn({start, through: destination.jump, patienceMillis, isWanted})
  } catch (error) {
    if (!(error instanceof Dropped)) throw error
    const why =
      attempts === 1 ? '' : ` ${attempts} times: too many connect to it at once, or it refuses this address`
    throw unreachable(settings.host, destination, `it ended the connection${why}`)
  }
}

async function connectOnce(settings: RemoteShellSettings, destination: Destination): Promise<Connected> {
  const isPinned = settings.pinnedKeys.length > 0
  const known: KnownKeys = isPinned
    ? {trusted: [...settings.pinnedKeys], revoked: [], unreadable: undefined}
    : await readKnownKeys(destination.knownAs, destination.knownHostsFiles)
  const credentials = await readCredentials(destination)
  const {connectMillis = defaultConnectMillis, host, keepaliveMillis = defaultKeepaliveMillis} = settings
  const client = new ssh2.Client()
  let shown: string | undefined
  let verdict: KeyVerdict | undefined
  let hasBegun = false
  const proxy = destination.proxy === undefined ? undefined : openProxy(destination.proxy)
  const refusedKey = (why: KeyVerdict): YardError =>
    keyRefused(settings, destination, why, {shown, pinned: isPinned, unreadable: known.unreadable})
  const giveUp = (why: string, reject: (error: Error) => void) => {
    const said = proxy?.lastWords() ?? Promise.resolve(undefined)
    void said.then((words) => {
      const isDropped = !hasBegun && (words === undefined ? why === endedWhy : droppedWords.test(words))
      const last = words?.split('\n').at(-1)
      if (isDropped) reject(new Dropped())
      else
        reject(unreachable(host, destination, last === undefined ? why : `the way there is closed: ${last}`))
    })
  }
  try {
    await new Promise<void>((resolve, reject) => {
      client.on('ready', resolve)
      client.on('handshake', () => (hasBegun = true))
      client.on('close', () => giveUp(endedWhy, reject))
      // Stays for as long as the client lives: an error without anybody who listens ends the program.
      client.on('error', (error: Error & {level?: string}) => {
        if (error.level === 'agent') return
        if (verdict !== undefined) reject(refusedKey(verdict))
        else if (/no matching host key/.test(error.message)) reject(refusedKey('other-type'))
        else if (error.level === 'client-authentication') reject(notLetIn(host, destination, credentials))
        else giveUp(reasonOf(error), reject)
      })
      client.connect({
        host: destination.address,
        port: destination.port,
        username: destination.user,
        ...(proxy !== undefined && {sock: proxy.stream}),
        readyTimeout: connectMillis,
        keepaliveInterval: keepaliveMillis,
        keepaliveCountMax: 3,
        algorithms: {serverHostKey: algorithmsOf(known.trusted)},
        hostVerifier: (key: Buffer): boolean => {
          shown = keyText(key)
          verdict = verdictOf(shown, known, settings.acceptsNewKey)
          return verdict === undefined
        },
        authHandler: credentials.methods,
      })
    })
  } catch (error) {
    client.destroy()
    proxy?.stream.destroy()
    throw error
  }
  // A command is a few small packets, and each would wait 40 ms for the answer to the one before.
  client.setNoDelay(true)
  return {client, newKey: known.trusted.length === 0 ? shown : undefined}
}

function verdictOf(shown: string, known: KnownKeys, acceptsNew: boolean): KeyVerdict | undefined {
  if (known.revoked.includes(shown)) return 'revoked'
  if (known.trusted.includes(shown)) return undefined
  if (known.trusted.length > 0) return 'changed'
  if (known.unreadable !== undefined) return 'unreadable'
  return acceptsNew ? undefined : 'unknown'
}

interface Proxy {
  stream: Duplex
  /** What it says last, once it ended; undefined when it says nothing. */
  lastWords: () => Promise<string | undefined>
}

const lastWordsMillis = 500

function openProxy({args, file}: {file: string; args: string[]}): Proxy {
  const child = spawn(file, args, {stdio: ['pipe', 'pipe', 'pipe']})
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
  let words = ''
  const stream = Duplex.from({writable: child.stdin, readable: child.stdout})
  child.stderr.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(-1_000)))
  child.on('error', (error) => stream.destroy(error))
  stream.on('error', () => undefined)
  stream.on('close', () => child.kill())
  return {
    stream,
    lastWords: async () => {
      await Promise.race([ended, sleep(lastWordsMillis, undefined, {ref: false})])
      return words.trim() === '' ? undefined : words.trim()
    },
  }
}

function reasonOf(error: Error & {code?: string}): string {
  const known: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'nothing listens there',
    ECONNRESET: endedWhy,
    EHOSTUNREACH: 'there is no way there',
    ENETUNREACH: 'there is no way there',
    ENOTFOUND: 'nobody knows the name',
    ETIMEDOUT: "it doesn't answer",
  }
  if (error.code !== undefined && known[error.code] !== undefined) return known[error.code] ?? ''
  if (/^Connection lost before handshake/.test(error.message)) return endedWhy
  return /^Timed out/.test(error.message) ? "it doesn't answer in time" : error.message
}
