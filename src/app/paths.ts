import {createHash} from 'node:crypto'
import os from 'node:os'
import path from 'node:path'

/** Where yard keeps things on this machine. All absolute. */
export interface YardPaths {
  /** The installed package: `bin`, `dist`, `templates`. */
  root: string
  state: string
  catalogFile: string
  artifacts: string
  releases: string
  builds: string
  /** Processes looked after on this machine, one directory each, with their logs. */
  processes: string
  haproxy: string
  /** Short, because the path of a Unix socket is limited to about 100 bytes. */
  sockets: string
  cache: string
  /** The user's own configuration: a `yard.yaml` for every directory, and the identity that opens secrets. */
  config: string
  identity: string
}

/**
 * The longest directory in which `haproxy-master.sock` still fits a Unix socket address on Linux and macOS, with what
 * HAProxy appends while it swaps a socket.
 */
const longestSocketDirectory = 68

export function yardPaths(root: string, variables: NodeJS.ProcessEnv): YardPaths {
  const state = stateDirectory(variables)
  const home = variables['HOME'] ?? os.homedir()
  const config = path.join(variables['XDG_CONFIG_HOME'] || path.join(home, '.config'), 'yard')
  return {
    root,
    state,
    catalogFile: path.join(state, 'catalog.db'),
    artifacts: path.join(state, 'artifacts'),
    releases: path.join(state, 'releases'),
    builds: path.join(state, 'builds'),
    processes: path.join(state, 'local', 'processes'),
    haproxy: path.join(state, 'local', 'haproxy'),
    sockets: socketDirectory(state),
    cache: path.join(variables['XDG_CACHE_HOME'] ?? path.join(home, '.cache'), 'yard'),
    config,
    identity: path.resolve(variables['YARD_IDENTITY'] || path.join(config, 'identity.txt')),
  }
}

function stateDirectory(variables: NodeJS.ProcessEnv): string {
  const given = variables['YARD_STATE_DIR']
  if (given !== undefined && given !== '') return path.resolve(given)
  const home = variables['HOME'] ?? os.homedir()
  return path.join(variables['XDG_STATE_HOME'] ?? path.join(home, '.local', 'state'), 'yard')
}

/** Where the sockets of what keeps its state in a directory are: in it, unless that is too deep. */
export function socketDirectory(state: string): string {
  const inState = path.join(state, 'run')
  if (Buffer.byteLength(inState) <= longestSocketDirectory) return inState
  const unique = createHash('sha256').update(state).digest('hex').slice(0, 12)
  return path.join('/tmp', `yard-${os.userInfo().uid}-${unique}`)
}
