import path from 'node:path'

import {YardError} from '../../errors.js'
import {type RemoteShellSettings} from './settings.js'
import {askSshConfig} from './ssh-config.js'

/** Where to connect to and as whom, once the user's own settings of ssh are taken into account. */
export interface Destination {
  address: string
  port: number
  user: string
  /** Absolute, in the order in which they are tried; the first one is what was asked for, if anything was. */
  identityFiles: string[]
  /** The agent may offer nothing else than these. */
  hasOwnIdentity: boolean
  agentSocket: string | undefined
  /** What the machine is called in `known_hosts`. */
  knownAs: string
  knownHostsFiles: string[]
  /** Connects standard input and output with the machine. */
  proxy: {file: string; args: string[]} | undefined
  /** The machine that `proxy` goes through first, as it was written. */
  jump: string | undefined
}

const defaultIdentities = ['~/.ssh/id_ed25519', '~/.ssh/id_rsa', '~/.ssh/id_ecdsa']
const defaultKnownHosts = ['~/.ssh/known_hosts', '~/.ssh/known_hosts2', '/etc/ssh/ssh_known_hosts']

/** @throws YardError E_USAGE for words that ssh could take for options. */
export async function resolveDestination(settings: RemoteShellSettings): Promise<Destination> {
  refuseOptions(settings)
  const config = await askSshConfig(settings)
  const one = (key: string) => config.get(key)?.[0]
  const address = one('hostname') ?? settings.address
  const port = settings.port ?? Number(one('port') ?? 22)
  const user = settings.user ?? one('user') ?? settings.localUser
  const absolute = (file: string) => inHome(file, settings.homeDirectory)
  const {identityFile} = settings
  const identityFiles =
    identityFile === undefined ? (config.get('identityfile') ?? defaultIdentities) : [identityFile]
  const knownHosts = [
    ...(config.get('userknownhostsfile') ?? []),
    ...(config.get('globalknownhostsfile') ?? []),
  ]
  const alias = one('hostkeyalias')
  const jump = settings.proxyJump ?? one('proxyjump')
  refuseOptions({address, port, user})
  return {
    address,
    port,
    user,
    identityFiles: identityFiles.filter((file) => file !== 'none').map(absolute),
    hasOwnIdentity: identityFile !== undefined || one('identitiesonly') === 'yes',
    agentSocket: agentOf(one('identityagent'), settings),
    knownAs: alias ?? (port === 22 ? address : `[${address}]:${port}`),
    knownHostsFiles: (config.size === 0 ? defaultKnownHosts : knownHosts.flatMap(splitWords)).map(absolute),
    proxy: proxyOf(settings, {address, port, user}, jump, one('proxycommand')),
    jump: jump === 'none' ? undefined : jump?.split(',')[0],
  }
}

/** Words of `yard.yaml` and the catalog end up in argument lists: none of them may look like an option. */
function refuseOptions({address, user, port}: Pick<RemoteShellSettings, 'address' | 'user' | 'port'>): void {
  const problem =
    (!/^[A-Za-z0-9_:][A-Za-z0-9_.:%-]{0,254}$/.test(address) && `${JSON.stringify(address)} is no address`) ||
    (user !== undefined &&
      !/^[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,99}$/.test(user) &&
      `${JSON.stringify(user)} is no user`) ||
    (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536) && `${port} is no port`)
  if (problem === false) return
  throw new YardError('E_USAGE', {
    what: "Can't connect over SSH",
    why: problem,
    next: ['set ssh.user and ssh.port in yard.yaml, and the address with yard hosts add'],
  })
}

function agentOf(
  configured: string | undefined,
  {agentSocket, homeDirectory}: RemoteShellSettings,
): string | undefined {
  if (configured === 'none') return undefined
  if (configured === undefined || configured === 'SSH_AUTH_SOCK' || configured.startsWith('$'))
    return agentSocket
  return inHome(configured, homeDirectory)
}

function proxyOf(
  settings: RemoteShellSettings,
  target: Required<Pick<Destination, 'address' | 'port' | 'user'>>,
  jump: string | undefined,
  configuredCommand: string | undefined,
): Destination['proxy'] {
  if (jump !== undefined && jump !== 'none') return jumpThrough(jump, settings.configFile, target)
  if (configuredCommand === undefined || configuredCommand === 'none') return undefined
  // It's the user's own, from their ssh_config, where it is text for a shell.
  const values: Record<string, string> = {
    h: target.address,
    n: settings.address,
    p: String(target.port),
    r: target.user,
  }
  const command = configuredCommand.replace(/%([%hnpr])/g, (_, key: string) =>
    key === '%' ? '%' : (values[key] ?? ''),
  )
  return {file: '/bin/sh', args: ['-c', `exec ${command}`]}
}

/** The last jump opens the connection; ssh itself goes through those before it, and checks the keys of all. */
function jumpThrough(
  jump: string,
  configFile: string | undefined,
  {address, port}: {address: string; port: number},
): Destination['proxy'] {
  const jumps = jump.split(',')
  if (!jumps.every((each) => /^(?:ssh:\/\/)?[A-Za-z0-9_][A-Za-z0-9_.@:%+[\]-]*$/.test(each))) {
    throw new YardError('E_USAGE', {
      what: `Can't go through ${JSON.stringify(jump)}`,
      why: 'it is not the name of a host',
      next: ['set ssh.proxyJump in yard.yaml to one such as bastion.example.org'],
    })
  }
  const last = jumps.pop() ?? ''
  const [, user, host = last, port22] = /^(?:ssh:\/\/)?(?:(.+)@)?([^:@]+)(?::(\d+))?$/.exec(last) ?? []
  return {
    file: 'ssh',
    args: [
      ...(configFile === undefined ? [] : ['-F', configFile]),
      ...(user === undefined ? [] : ['-l', user]),
      ...(port22 === undefined ? [] : ['-p', port22]),
      ...(jumps.length === 0 ? [] : ['-J', jumps.join(',')]),
      '-o',
      'BatchMode=yes',
      '-W',
      `[${address}]:${port}`,
      '--',
      host,
    ],
  }
}

function inHome(file: string, homeDirectory: string): string {
  return file.startsWith('~/') ? path.join(homeDirectory, file.slice(2)) : path.resolve(homeDirectory, file)
}

function splitWords(line: string): string[] {
  return line.split(' ').filter((word) => word !== '')
}
