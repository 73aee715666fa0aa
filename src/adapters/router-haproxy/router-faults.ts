import {type BindFault} from '../../contracts/router-host.js'
import {type Endpoint} from '../../domain/routing.js'
import {YardError} from '../../errors.js'

/** The configuration isn't used because of what is wrong with it. */
export function refusedConfiguration(why: string): YardError {
  return new YardError('E_HAPROXY_CONFIG', {
    what: "Can't use the new HAProxy configuration",
    why,
    next: ['yard doctor'],
  })
}

/** HAProxy doesn't do what it was told, or nobody can tell. */
export function unconfirmed(what: string, why: string, lastLines: readonly string[]): YardError {
  return new YardError('E_HAPROXY_UNCONFIRMED', {
    what,
    why,
    next: ['yard doctor', 'yard down && yard up'],
    details: {lastLines},
  })
}

export function cannotListen(fault: BindFault, {address, port}: Endpoint): YardError {
  if (fault === 'taken') return portTaken({address, port})
  return new YardError(fault === 'not-allowed' ? 'E_PERMISSION' : 'E_PORT_TAKEN', {
    what: `Can't listen on ${address}:${port}`,
    why: fault === 'not-allowed' ? 'this user may not use the port' : 'the machine has no such address',
    next: ['yard up --port 7070', 'ip -brief address'],
    details: {address, port},
  })
}

export function portTaken({address, port}: Endpoint): YardError {
  return new YardError('E_PORT_TAKEN', {
    what: `Can't listen on ${address}:${port}`,
    why: `another program uses port ${port}`,
    next: [`yard up --port ${port < 65_000 ? port + 1 : 7070}`, `ss -ltnp 'sport = :${port}'`],
    details: {address, port},
  })
}
