import * as v from 'valibot'

import {ipv4, name, port, text} from './schema.js'

export const environmentSchema = v.object({
  v: v.literal(1),
  name,
  kind: v.picklist(['local']),
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
})

/** A machine in one environment. */
export type Host = v.InferOutput<typeof hostSchema>

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
