import {type BindFault} from '../../contracts/router-host.js'

/** What the script `listeners` found. */
export interface HostListeners {
  listening: {address: string; port: number}[]
  addresses: ReadonlySet<string>
  /** The lowest port that HAProxy may listen on. */
  lowestPort: number
}

const anyAddress = '0.0.0.0'

export function readListeners(output: string): HostListeners {
  const found = {listening: [] as HostListeners['listening'], addresses: new Set<string>(), lowestPort: 1}
  for (const line of output.split('\n')) {
    const [kind, value = ''] = line.split(' ')
    const listener = kind === 'listens' ? listenerIn(value) : undefined
    if (listener !== undefined) found.listening.push(listener)
    if (kind === 'has') found.addresses.add(value)
    if (kind === 'from') found.lowestPort = Number(value)
  }
  return found
}

/** Why nothing can listen there; undefined when the address is free. */
export function bindFaultAmong(
  {addresses, listening, lowestPort}: HostListeners,
  {address, port}: {address: string; port: number},
): BindFault | undefined {
  if (port < lowestPort) return 'not-allowed'
  const isLocal = address === anyAddress || address.startsWith('127.') || addresses.has(address)
  if (!isLocal) return 'no-such-address'
  const isTaken = listening.some(
    (other) =>
      other.port === port &&
      (other.address === address || other.address === anyAddress || address === anyAddress),
  )
  return isTaken ? 'taken' : undefined
}

/** `0100007F:1B9E`, bytes in the order of a little-endian machine; of IPv6, what also takes the address of IPv4. */
function listenerIn(text: string): {address: string; port: number} | undefined {
  const [, address = '', port = ''] = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(text) ?? []
  const number = parseInt(port, 16)
  if (address.length === 8) return {address: dotted(address), port: number}
  if (/^0{32}$/.test(address)) return {address: anyAddress, port: number}
  const [, mapped] = /^0{16}FFFF0000([0-9A-F]{8})$/.exec(address) ?? []
  return mapped === undefined ? undefined : {address: dotted(mapped), port: number}
}

function dotted(hexadecimal: string): string {
  const bytes = hexadecimal.match(/../g) ?? []
  return bytes
    .reverse()
    .map((byte) => parseInt(byte, 16))
    .join('.')
}
