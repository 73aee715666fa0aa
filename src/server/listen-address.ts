import dns from 'node:dns/promises'
import net from 'node:net'

import {printable} from '../domain/names.js'
import {YardError} from '../errors.js'

/** Where to listen, as an address: a name could mean another one the next time it's looked up. */
export interface ListenAddress {
  /** As it was given, for the URL that is shown. */
  host: string
  address: string
  port: number
  /** Nobody but this machine gets there. */
  isLoopback: boolean
}

/**
 * Reads `127.0.0.1:7600`, `[::1]:7600` or `name:7600`, and looks names up.
 * @throws YardError E_USAGE, or E_LISTEN when the name means no address.
 */
export async function parseListenAddress(text: string): Promise<ListenAddress> {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined || port > 65_535 || (match?.[1] !== undefined && !net.isIPv6(host)))
    throw malformed(text)
  const addresses = net.isIP(host) === 0 ? await lookUp(host) : [host]
  const [address = host] = addresses
  return {host, address, port, isLoopback: addresses.every(isLoopback)}
}

/**
 * Refuses an address where others could read along.
 * @throws YardError E_LISTEN
 */
export function checkListenAddress({host, isLoopback: isLocal}: ListenAddress, isProtected: boolean): void {
  if (isLocal || isProtected) return
  throw new YardError('E_LISTEN', {
    what: `Can't listen on ${printable(host)}`,
    why: 'other machines get there, and tokens and values would cross the network readable',
    next: [
      'yard serve --listen 0.0.0.0:7600 --tls-certificate server.pem --tls-key server.key',
      'yard serve --listen 0.0.0.0:7600 --behind-proxy   # where a proxy does TLS, and nobody else gets to this port',
      'yard serve --listen 127.0.0.1:7600',
    ],
  })
}

/** Whether an address is one of this machine that no other reaches. */
export function isLoopback(address: string): boolean {
  return loopback.check(address, net.isIPv6(address) ? 'ipv6' : 'ipv4')
}

/** An IPv4 address inside of IPv6, such as ::ffff:127.0.0.1, counts as what it stands for. */
const loopback = new net.BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

async function lookUp(host: string): Promise<string[]> {
  try {
    return (await dns.lookup(host, {all: true})).map(({address}) => address)
  } catch (error) {
    throw new YardError('E_LISTEN', {
      what: `Can't listen on ${printable(host)}`,
      why: `the name means no address of this machine (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
      next: ['yard serve --listen 127.0.0.1:7600'],
    })
  }
}

function malformed(text: string): YardError {
  return new YardError('E_USAGE', {
    what: `Can't listen on ${printable(text)}`,
    why: 'that is not an address and a port, such as 127.0.0.1:7600 or [::1]:7600',
    next: ['yard serve --listen 127.0.0.1:7600'],
  })
}
