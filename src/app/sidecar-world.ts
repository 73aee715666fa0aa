import {type Yard} from './yard.js'

/** What a sidecar needs of the world; its self-contained program has no more. */
export type SidecarWorld = Pick<
  Yard,
  'baseVariables' | 'catalog' | 'clock' | 'failpoint' | 'files' | 'paths' | 'report' | 'signal'
> & {
  /** How a keeper is run where it isn't a program of its own. */
  keeper?: readonly [string, ...string[]]
}

export interface SidecarRunRequest {
  environment: string
  host: string
  isUnderSystemd: boolean
  doorPort?: number | undefined
  /** Where the configuration and the last good state are kept. Below the state directory unless given. */
  directory?: string | undefined
  /** Where the sockets of HAProxy are. In `directory` unless given. */
  runtimeDirectory?: string | undefined
  stopsHaproxy: boolean
  /** Of yard. */
  version: string
}

/** Absolute paths. */
export interface SidecarPlaces {
  /** haproxy.cfg and its maps. */
  routing: string
  stateFile: string
  processes: string
  runtime: string
}
