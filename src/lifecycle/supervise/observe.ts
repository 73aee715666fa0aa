import {type ManagedProcess} from '../../contracts/process-manager.js'
import {type RouterServer} from '../../contracts/host-router.js'
import {type Instance, type InstanceStatus} from '../../domain/instance.js'

/** What is known of an instance right now, from the process manager and HAProxy. */
export function observe(
  instance: Instance,
  process: ManagedProcess | undefined,
  server: RouterServer | undefined,
  now: Date,
  problem?: string,
): InstanceStatus {
  return {
    v: 1,
    id: instance.id,
    running: process?.state ?? 'stopped',
    since: process?.since ?? instance.createdAt,
    restarts: process?.restarts ?? 0,
    ...(process?.pid !== undefined && {pid: process.pid}),
    ...(process?.lastExit !== undefined && {lastExit: process.lastExit}),
    ...(process?.nextStartAt !== undefined && {nextStartAt: process.nextStartAt}),
    ...(server !== undefined && {healthy: server.healthy}),
    ...(problem !== undefined && {problem: problem.slice(0, 1_000)}),
    ...(instance.state === 'draining' && {drained: isDrained(instance, process, server, now)}),
  }
}

/** Nothing is under way any more, or the time it was given is over. */
function isDrained(
  instance: Instance,
  process: ManagedProcess | undefined,
  server: RouterServer | undefined,
  now: Date,
): boolean {
  if (process?.state !== 'running' || instance.port === undefined) return true
  if (instance.drainUntil !== undefined && now.getTime() >= Date.parse(instance.drainUntil)) return true
  return server === undefined || server.connections === 0
}

export function endpointOf(instance: {address: string; port?: number | undefined}): string | undefined {
  return instance.port === undefined ? undefined : `${instance.address}:${instance.port}`
}
