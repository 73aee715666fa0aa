import * as v from 'valibot'

import {count, instant, ipv4, name, port, text} from './schema.js'

/** An absolute path that means nothing else to HAProxy or a shell. */
export const certificateDirectoryPattern = /^(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]{0,100}){1,20}$/

export const environmentSchema = v.object({
  v: v.literal(1),
  name,
  /** `local`: this machine, made by yard itself. `hosts`: machines that were added. */
  kind: v.picklist(['local', 'hosts']),
  /** Environments are listed by it, the first to be deployed to first. */
  order: v.optional(count),
  /** Changes there must be confirmed. */
  protected: v.optional(v.boolean()),
  /** Belongs to the person who made it. */
  personal: v.optional(v.boolean()),
  /** Stands in the platform file, which alone may remove it. */
  declared: v.optional(v.boolean()),
  /** Where callers reach the routing HAProxy of this environment. */
  router: v.object({
    address: ipv4,
    port,
    header: v.pipe(v.string(), v.regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/)),
    /** Where each host shows HAProxy's statistics and figures to itself. */
    statisticsPort: v.optional(port),
    /** `consumers`: a host knows the services that what runs on it calls; `all`, unless given: every service. */
    scope: v.optional(v.picklist(['all', 'consumers'])),
  }),
  /** How hosts that face the outside do it. */
  edge: v.optional(
    v.object({
      httpPort: port,
      /** Absent: no HTTPS. */
      httpsPort: v.optional(port),
      /** Absolute, on those hosts. */
      certificates: v.optional(v.pipe(v.string(), v.regex(certificateDirectoryPattern))),
      redirect: v.boolean(),
      requestsPerMinute: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000_000))),
      maxBodyBytes: count,
    }),
  ),
})

/** Machines that share a routing, and what is deployed to them. */
export type Environment = v.InferOutput<typeof environmentSchema>

/** A host key as `known_hosts` has it, without the name. */
export const sshKeyPattern = /^(?:ssh|ecdsa|sk)-[a-z0-9@.-]{1,60} [A-Za-z0-9+/]{16,2000}={0,3}$/

export const hostSchema = v.object({
  v: v.literal(1),
  name,
  environment: name,
  address: ipv4,
  description: text,
  /** Machines of one zone are lost together. */
  zone: v.optional(name),
  /** Faces the outside: public names lead to it. */
  edge: v.optional(v.boolean()),
  /** Its SSH host keys, each as in `ssh-ed25519 AAAA…`; pinned at the first contact. */
  sshKeys: v.optional(v.pipe(v.array(v.pipe(v.string(), v.regex(sshKeyPattern))), v.maxLength(10))),
  /** Whom to log in as to bring releases there, unless the platform file says so; written once the machine was set up. */
  user: v.optional(v.pipe(v.string(), v.regex(/^[a-z_][a-z0-9_-]{0,31}$/))),
  /** Stands in the platform file, which alone may remove it. */
  declared: v.optional(v.boolean()),
})

/** A machine in one environment. */
export type Host = v.InferOutput<typeof hostSchema>

/** Not "any address", multicast, reserved or broadcast: nothing can be reached there. */
export function isAddressOfOneMachine(address: string): boolean {
  const first = Number(address.split('.')[0])
  return first > 0 && first < 224
}

export const hostDrainSchema = v.object({
  v: v.literal(1),
  host: name,
  environment: name,
  since: instant,
  by: text,
})

/** An operator wants a host without traffic. Kept apart from the host, where those who route by it look. */
export type HostDrain = v.InferOutput<typeof hostDrainSchema>

/** The environment and host that exist without a platform file. */
export const localEnvironmentName = 'local'
export const localHostName = 'localhost'

/** Requests are routed by this header unless the platform says otherwise. */
export const defaultRoutingHeader = 'Yard-Service'
export const defaultRouterPort = 7070

export function localEnvironment(routerPort: number = defaultRouterPort): Environment {
  return {
    v: 1,
    name: localEnvironmentName,
    kind: 'local',
    router: {address: '127.0.0.1', port: routerPort, header: defaultRoutingHeader},
  }
}
