import {YardError} from '../errors.js'
import {type Instance} from './instance.js'
import {printable} from './names.js'

/** What an operator may want of an instance. */
export type InstanceAction =
  {kind: 'enable'} | {kind: 'disable'} | {kind: 'drain'} | {kind: 'weight'; weight: number}

export type InstanceChange =
  | {outcome: 'changed'; after: Instance}
  /** It is so already. */
  | {outcome: 'unchanged'}
  /** A deploy has the say; why, as a clause. */
  | {outcome: 'refused'; why: string}

/** Whose decision the present state is: an operator's `draining` may be taken back, a deploy's may not. */
type Stage = 'up' | 'disabled' | 'drained by hand' | 'starting' | 'leaving' | 'down'

type Move = 'unchanged' | Extract<Instance['state'], 'up' | 'disabled' | 'draining'>

const moves: Record<'up' | 'disabled' | 'drained by hand', Record<'enable' | 'disable' | 'drain', Move>> = {
  up: {enable: 'unchanged', disable: 'disabled', drain: 'draining'},
  disabled: {enable: 'up', disable: 'unchanged', drain: 'unchanged'},
  'drained by hand': {enable: 'up', disable: 'disabled', drain: 'unchanged'},
}

const refusals: Record<'starting' | 'leaving' | 'down', string> = {
  starting: 'a deploy is starting it, and gives it traffic once it is ready',
  leaving: 'a deploy lets it finish what it has, and ends it then',
  down: 'a deploy has ended it',
}

/** What an operator's action makes of an instance. What a deploy has decided is refused. */
export function instanceAfter(instance: Instance, action: InstanceAction, by: string): InstanceChange {
  if (instance.port === undefined) return {outcome: 'refused', why: 'it is a process that gets no requests'}
  const stage = stageOf(instance)
  if (stage === 'starting' || stage === 'leaving' || stage === 'down') {
    return {outcome: 'refused', why: refusals[stage]}
  }
  if (action.kind === 'weight') return weighted(instance, action.weight)
  const move = moves[stage][action.kind]
  if (move === 'unchanged') return {outcome: 'unchanged'}
  const takenOutBy = move === 'up' ? undefined : by
  return {outcome: 'changed', after: {...instance, state: move, takenOutBy, drainUntil: undefined}}
}

export const usualWeight = 100
const largestWeight = 256

/**
 * The weight that was typed.
 * @throws YardError E_USAGE
 */
export function parseWeight(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) <= largestWeight) return Number(text)
  throw new YardError('E_USAGE', {
    what: `Can't use ${printable(text)} as a weight`,
    why: `a weight is a whole number from 0 to ${largestWeight}`,
    next: ['yard instances weight --help'],
  })
}

function weighted(instance: Instance, weight: number): InstanceChange {
  if ((instance.weight ?? usualWeight) === weight) return {outcome: 'unchanged'}
  return {outcome: 'changed', after: {...instance, weight}}
}

function stageOf({state, takenOutBy}: Instance): Stage {
  if (state !== 'draining') return state
  return takenOutBy === undefined ? 'leaving' : 'drained by hand'
}

/**
 * Whether new requests may go to it: it is up with the release that has the traffic, has a share of it, and is on no
 * host that was drained.
 */
export function getsRequests(
  instance: Instance,
  activeRelease: number | undefined,
  drainedHosts: ReadonlySet<string> = new Set(),
): boolean {
  return (
    instance.process === 'web' &&
    instance.port !== undefined &&
    instance.state === 'up' &&
    instance.release === activeRelease &&
    !drainedHosts.has(instance.host) &&
    (instance.weight ?? usualWeight) > 0
  )
}
