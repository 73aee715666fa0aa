import {type ProgramOptions, runProgram} from './programs.js'
import {type FleetSettings} from './settings.js'

export interface Wire {
  /** The process that holds the network between the hosts. */
  switchPid: number
  /** The interface on the side of that network. */
  port: string
}

/**
 * Lines of shell for a wire: its last step is to join the bridge, so what has joined is whole, and everything else is made
 * anew. Ends of a wire vanish with each other.
 */
const wireLines = [
  'set -e',
  'middle="nsenter --net=/proc/$1/ns/net"',
  '[ -z "$($middle ip -o link show dev "$2" up 2>/dev/null)" ] || exit 0',
  '$middle ip link del "$2" 2>/dev/null || true',
]

/** Connects a host with the others, unless it is. @throws YardError E_FLEET */
export async function connectHost(
  settings: Pick<FleetSettings, 'variables'>,
  {address, holder, port, switchPid}: Wire & {holder: number; address: string},
  options: ProgramOptions = {},
): Promise<void> {
  const lines = [
    ...wireLines,
    'inside="nsenter --net=/proc/$3/ns/net"',
    '$inside ip link del eth0 2>/dev/null || true',
    '$middle ip link add "$2" type veth peer name eth0 address "$5" netns "/proc/$3/ns/net"',
    '$inside ip addr add "$4/24" dev eth0',
    '$inside ip link set eth0 up',
    '$middle ip link set "$2" master bridge up',
  ]
  const words = [String(switchPid), port, String(holder), address, hardwareAddress(address)]
  await runProgram(settings, `Can't connect ${address}`, shell(lines, words), options)
}

/** Connects this machine with the hosts, unless it is. `own` is the interface on this side. @throws YardError E_FLEET */
export async function connectMachine(
  settings: Pick<FleetSettings, 'variables'>,
  {address, own, port, switchPid}: Wire & {own: string; address: string},
  options: ProgramOptions = {},
): Promise<void> {
  const lines = [
    'set -e',
    'middle="nsenter --net=/proc/$1/ns/net"',
    'if ip -o -4 addr show dev "$3" up 2>/dev/null | grep -qF " $4/24 "; then',
    '  [ -z "$($middle ip -o link show dev "$2" up 2>/dev/null)" ] || exit 0',
    'fi',
    'ip link del "$3" 2>/dev/null || true',
    '$middle ip link del "$2" 2>/dev/null || true',
    '$middle ip link add "$2" type veth peer name "$3" address "$6" netns "$5"',
    'ip addr add "$4/24" dev "$3"',
    'ip link set "$3" up',
    '$middle ip link set "$2" master bridge up',
  ]
  const here = `/proc/${process.pid}/ns/net`
  const words = [String(switchPid), port, own, address, here, hardwareAddress(address)]
  await runProgram(
    settings,
    "Can't connect this machine with the practice fleet",
    shell(lines, words),
    options,
  )
}

/** After the end of the network: what is left of the wire on this side goes by itself, but not at once. */
export async function disconnectMachine(
  settings: Pick<FleetSettings, 'variables'>,
  own: string,
): Promise<void> {
  const lines = ['ip link del "$1" 2>/dev/null || [ ! -e "/sys/class/net/$1" ]']
  await runProgram(settings, `Can't remove the network interface ${own}`, shell(lines, [own]))
}

/** Networks that this machine has or knows a way to, each as in `10.0.0.0/8`, without those behind one of its interfaces. */
export async function takenNetworks(
  settings: Pick<FleetSettings, 'variables'>,
  without: string,
): Promise<string[]> {
  const text = await runProgram(settings, "Can't read the routes of this machine", [
    'ip',
    '-o',
    '-4',
    'route',
    'show',
    'table',
    'all',
  ])
  return text.split('\n').flatMap((line) => {
    if (line.includes(` dev ${without} `)) return []
    const words = line.split(' ')
    const [first = ''] = words
    return [/^\d/.test(first) ? first : (words[1] ?? '')]
  })
}

/** Always the same for an address: whoever remembers it from before a host was made anew is right. */
function hardwareAddress(address: string): string {
  const bytes = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))
  return ['02', '79', ...bytes].join(':')
}

function shell(lines: readonly string[], words: readonly string[]): [string, ...string[]] {
  return ['sh', '-c', lines.join('\n'), 'sh', ...words]
}
