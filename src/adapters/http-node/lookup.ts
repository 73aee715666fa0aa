import dns from 'node:dns'
import net from 'node:net'

import {ExchangeFault} from './failures.js'

type PermitsAddress = ((address: string) => boolean) | undefined

/** The IP address that stands in a URL instead of a name: no look-up happens for it. */
export function literalAddress(url: URL): string | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return net.isIP(host) === 0 ? undefined : host
}

/**
 * Finds the addresses of a name: those below `.localhost` are this machine (RFC 6761, which not every resolver
 * follows), and a name that leads to an address that isn't permitted leads nowhere.
 */
export function guardedLookup(permits: PermitsAddress): net.LookupFunction {
  return (hostname, options, callback) => {
    const name = hostname.replace(/\.$/, '').toLowerCase()
    if (name === 'localhost' || name.endsWith('.localhost')) {
      answer([{address: '127.0.0.1', family: 4}])
      return
    }
    dns.lookup(hostname, {...options, all: true}, (error, addresses) => {
      if (error === null) answer(addresses)
      else callback(error, [])
    })

    function answer(addresses: dns.LookupAddress[]): void {
      const forbidden = addresses.find(({address}) => permits?.(address) === false)
      const [first] = addresses
      if (forbidden !== undefined) callback(new ExchangeFault('not-permitted', forbidden.address), [])
      else if (options.all === true) callback(null, addresses)
      else callback(null, first?.address ?? '', first?.family)
    }
  }
}
