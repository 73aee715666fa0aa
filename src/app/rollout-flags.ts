import {Flags} from '@oclif/core'

import {parseDuration} from '../domain/duration.js'
import {type WrittenStrategy} from '../domain/service-file-deploy.js'
import {failurePolicies, type FailurePolicy} from '../domain/strategy.js'
import {YardError} from '../errors.js'
import {type RolloutWishes} from '../lifecycle/deploy/rollout-plan.js'

/** For commands that put a release in the place of another. What isn't given is as the service file says. */
export const rolloutFlags = {
  strategy: Flags.option({
    options: ['rolling', 'blue-green', 'canary'] as const,
    summary: 'how it takes the place of what runs; rolling, or what service.yaml says, without it',
  })(),
  batch: Flags.string({
    helpValue: 'HOSTS',
    summary: 'how many hosts get it at a time, such as 2 or 25%',
  }),
  weight: Flags.integer({
    helpValue: 'PERCENT',
    min: 1,
    max: 99,
    summary: 'share of the traffic that a canary gets',
  }),
  bake: Flags.string({
    helpValue: 'TIME',
    summary:
      'how long it is watched, such as 2m: a canary before the others follow, else all before the old end',
  }),
  'on-failure': Flags.option({
    options: failurePolicies,
    summary: 'when a batch fails: all goes back, everything stays, or the other hosts go on',
  })(),
  'ws-grace': Flags.string({
    helpValue: 'TIME',
    summary: 'how long connections that stay open, such as WebSockets, may keep an old instance',
  }),
}

export interface RolloutFlags {
  strategy?: WrittenStrategy['strategy'] | undefined
  batch?: string | undefined
  weight?: number | undefined
  bake?: string | undefined
  'on-failure'?: FailurePolicy | undefined
  'ws-grace'?: string | undefined
}

/** @throws YardError E_USAGE for a value that means nothing */
export function rolloutWishes(flags: RolloutFlags): RolloutWishes {
  const {bake, batch, strategy, weight} = flags
  if (bake !== undefined) millisOf('bake', bake, '2m')
  const written: WrittenStrategy = {
    ...(strategy !== undefined && {strategy}),
    ...(batch !== undefined && {batch: batchOf(batch)}),
    ...(weight !== undefined && {weight}),
    ...(bake !== undefined && {bake}),
  }
  return {
    ...(Object.keys(written).length > 0 && {strategy: written}),
    ...(flags['on-failure'] !== undefined && {onFailure: flags['on-failure']}),
    ...(flags['ws-grace'] !== undefined && {
      webSocketMillis: millisOf('ws-grace', flags['ws-grace'], '30s'),
    }),
  }
}

/** Names of hosts, as in `web-1,web-2`. @throws YardError E_USAGE for a list that holds none */
export function hostNames(list: string | undefined): string[] | undefined {
  if (list === undefined) return undefined
  const names = list.split(',').map((name) => name.trim())
  if (names.some((name) => !/^[a-z][a-z0-9-]{0,39}$/.test(name)))
    throw unusable('hosts', 'it must be names of hosts with commas between them', 'web-1,web-2')
  return names
}

function batchOf(text: string): NonNullable<WrittenStrategy['batch']> {
  const match = /^([1-9]\d{0,3})(%?)$/.exec(text)
  const [, digits = '', sign] = match ?? []
  const isShare = sign === '%'
  if (match === null || Number(digits) > (isShare ? 100 : 1_000))
    throw unusable('batch', 'it must be a number of hosts from 1, or a share of them in percent', '25%')
  return isShare ? `${digits}%` : Number(digits)
}

const longestMillis = 3_600_000

function millisOf(flag: string, text: string, example: string): number {
  const millis = parseDuration(text)
  if (millis === undefined || millis > longestMillis)
    throw unusable(flag, 'it must be a time with its unit, such as 90s or 2m, of at most 1h', example)
  return millis
}

function unusable(flag: string, why: string, example: string): YardError {
  return new YardError('E_USAGE', {
    what: `Can't use the value of --${flag}`,
    why,
    next: [`give it like this: --${flag} ${example}`],
  })
}
