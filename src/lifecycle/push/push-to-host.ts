import {keys} from '../../catalog/keys.js'
import {type HeldLock} from '../../catalog/locks.js'
import {type AppliedRouting} from '../../contracts/host-router.js'
import {type Host} from '../../domain/environment.js'
import {routingModel, type RoutingFacts} from '../../domain/routing-model.js'
import {YardError} from '../../errors.js'
import {type PushedHost, type PushNeeds, type PushRequest, type PushTarget} from './needs.js'
import {pinNewKey} from './pin-key.js'
import {problemOf} from './push-problem.js'

export interface HostPush {
  host: Host
  facts: RoutingFacts
  revision: number
  /** How many routing records there were in that revision. */
  records: number
  /** Undefined for a plan. */
  lock: HeldLock | undefined
  request: PushRequest
  /** Connections that are open now: whoever is interrupted closes them, so that nothing waits for a host any more. */
  open: Set<PushTarget>
}

/** Never throws for what is wrong with one host: it becomes the host's outcome. */
export async function pushToHost(needs: PushNeeds, push: HostPush): Promise<PushedHost> {
  const {catalog, clock, report} = needs
  const {facts, host, lock, request, revision} = push
  const {environment, name} = host
  const before = await catalog.pushedRoutings.get(keys.pushedRouting(environment, name))
  const known: PushedHost = {
    host: name,
    address: host.address,
    outcome: 'failed',
    skipped: [],
    ...(before !== undefined && {revisionBefore: before.record.revision, revision: before.record.revision}),
  }
  const started = clock.monotonicMillis()
  report({kind: 'step-started', step: name, title: `${request.isPlan ? 'look at' : 'push to'} ${name}`})
  const result = await onTarget(needs, push, async (target) => {
    const model = routingModel(facts, host)
    if (lock === undefined) {
      return {...known, outcome: 'planned' as const, difference: await target.difference(model)}
    }
    const applied = await target.router.start(model)
    if (!applied.isComplete) throw notComplete(name)
    await record(needs, push, lock, applied)
    return {
      ...known,
      outcome: applied.how,
      revision,
      skipped: applied.skipped,
      ...(await pinNewKey(needs, host, target)),
    }
  }).catch((error: unknown): PushedHost => ({...known, problem: problemOf(error, name)}))
  report({
    kind: 'step-finished',
    step: name,
    outcome: result.outcome === 'failed' ? 'failed' : 'done',
    millis: clock.monotonicMillis() - started,
    detail: result.problem?.why ?? result.outcome,
  })
  return result
}

async function onTarget<T>(
  {openHost, signal}: PushNeeds,
  {host, open, request}: HostPush,
  use: (target: PushTarget) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  const target = await openHost(host, {acceptsNewKey: request.acceptsNewKey})
  open.add(target)
  try {
    return await use(target)
  } finally {
    open.delete(target)
    await target.close()
  }
}

/** Guarded by the lock: somebody who lost it may not overwrite what another push wrote since. */
async function record(
  {actor, catalog, clock}: PushNeeds,
  {host, records, revision}: HostPush,
  lock: HeldLock,
  {generation}: AppliedRouting,
): Promise<void> {
  const {environment, name} = host
  await catalog.commit(
    `Can't record what ${name} has now`,
    [lock.fence],
    [
      catalog.pushedRoutings.put(keys.pushedRouting(environment, name), {
        v: 1,
        environment,
        host: name,
        revision,
        records,
        generation,
        by: actor,
        at: clock.now().toISOString(),
      }),
    ],
  )
}

function notComplete(host: string): YardError {
  return new YardError('E_HAPROXY_UNCONFIRMED', {
    what: `Can't bring all of it to ${host}`,
    why: 'a part of it waits for a reload',
    next: ['run the command again'],
  })
}
