import {type Door, openDoor} from './door.js'
import {Helper} from './helper.js'
import {NetworkHost} from './host.js'
import {Namespaces, namespacesMissing} from './namespaces.js'

export {namespacesMissing as networkMissing} from './namespaces.js'
export {type NetworkHost, type StartedProgram} from './host.js'

export interface HostsOptions {
  /** Default 3. */
  count?: number
  /** Given to every command of yard on every host. */
  variables?: Record<string, string>
}

/** Machines on a network of their own: nothing of this machine's network is touched. */
export interface Network {
  /** `web-1`, `web-2` … */
  readonly hosts: readonly NetworkHost[]
  /** Addresses on the network for servers that all hosts reach. A program with `prefix` before it listens there. */
  readonly serverAddresses: readonly string[]
  readonly prefix: readonly string[]
  /** Given to every command of yard on every host from now on. */
  readonly variables: Record<string, string>
  /** A port of this machine's loopback that leads to an `address:port` on the network. */
  door(target: string): Promise<number>
  stop(): Promise<void>
}

const socketFile = '/run/helper.sock'

/** Ask `networkMissing()` first. */
export async function startHosts({count = 3, variables = {}}: HostsOptions = {}): Promise<Network> {
  const missing = namespacesMissing()
  if (missing !== undefined) throw new Error(missing)
  const serverAddresses = [2, 3, 4].map((last) => `10.77.0.${last}`)
  const shared = {...variables}
  const doors: Door[] = []
  const hosts: NetworkHost[] = []
  const middle = await Namespaces.make([
    'mount -t tmpfs tmpfs /run',
    'ip link set lo up',
    'ip link add bridge type bridge',
    ...['10.77.0.1', ...serverAddresses].map((address) => `ip addr add ${address}/16 dev bridge`),
    'ip link set bridge up',
  ])
  const stop = async () => {
    for (const door of doors.splice(0)) door.close()
    await Promise.all(hosts.map((host) => host.stop()))
    await middle.end()
  }
  try {
    await Helper.start(middle, socketFile)
    for (let number = 1; number <= count; number++) {
      hosts.push(await NetworkHost.start({number, middle, variables: shared, socketFile}))
    }
  } catch (error) {
    await stop()
    throw error
  }
  return {
    hosts,
    serverAddresses,
    prefix: middle.networkPrefix,
    variables: shared,
    async door(target) {
      const door = await openDoor(middle.path(socketFile), target)
      doors.push(door)
      return door.port
    },
    stop,
  }
}
