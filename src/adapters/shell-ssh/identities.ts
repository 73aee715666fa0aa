import {readFile} from 'node:fs/promises'

import ssh2 from 'ssh2'

import {type Destination} from './destination.js'

/** What is shown to the other machine, in this order, and what can't be. */
export interface Credentials {
  methods: ssh2.AnyAuthMethod[]
  /** For people: `/home/ada/.ssh/id_ed25519`, `the agent`. */
  offered: string[]
  /** Why a file is not among them. */
  left: string[]
}

/** The agent goes before files that nobody asked for, because it may hold the very keys that are encrypted there. */
export async function readCredentials(destination: Destination): Promise<Credentials> {
  const {agentSocket, hasOwnIdentity, identityFiles, user: username} = destination
  const found: Credentials = {methods: [], offered: [], left: []}
  const files: Credentials = {methods: [], offered: [], left: []}
  for (const file of identityFiles) await addIdentity(files, file, username, hasOwnIdentity)
  const agent: Credentials = {methods: [], offered: [], left: []}
  if (agentSocket !== undefined) {
    agent.methods.push({type: 'agent', username, agent: agentSocket})
    agent.offered.push('the agent')
  }
  for (const each of hasOwnIdentity ? [files, agent] : [agent, files]) {
    found.methods.push(...each.methods)
    found.offered.push(...each.offered)
    found.left.push(...each.left)
  }
  return found
}

async function addIdentity(
  into: Credentials,
  file: string,
  username: string,
  isWanted: boolean,
): Promise<void> {
  const bytes = await readFile(file).catch((error: unknown) => {
    if (isWanted) into.left.push(`${file} can't be read (${codeOf(error)})`)
  })
  if (bytes === undefined) return
  const parsed = ssh2.utils.parseKey(bytes) as ssh2.ParsedKey | ssh2.ParsedKey[] | Error
  const key = Array.isArray(parsed) ? parsed[0] : parsed
  if (key instanceof Error) {
    const isEncrypted = /[Ee]ncrypted|passphrase/.test(key.message)
    into.left.push(
      `${file} ${isEncrypted ? 'is encrypted: load it into the agent with ssh-add' : 'is no private key'}`,
    )
  } else if (key !== undefined) {
    into.methods.push({type: 'publickey', username, key})
    into.offered.push(file)
  }
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error
    ? String(error.code)
    : 'no reason given'
}
