import * as v from 'valibot'

import {count, instant, ipv4, name, port, text} from './schema.js'

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
  }),
})

export type Environment = v.InferOutput<typeof environmentSchema>

export const hostSchema = v.object({
  v: v.literal(1),
  name,
  environment: name,
  address: ipv4,
  description: text,
  /** Machines of one zone are lost together. */
  zone: v.optional(name),
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
