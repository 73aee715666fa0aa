import {type AnswerCounts} from '../../../contracts/traffic.js'
import {type LoggedError, type LoggedLine, newErrors} from '../../../domain/error-lines.js'
import {type Host} from '../../../domain/environment.js'
import {type Instance} from '../../../domain/instance.js'
import {type Release} from '../../../domain/release.js'
import {checkStillReady, throwIfEnded} from './health.js'
import {instancesOf, isLeaving} from '../instances.js'
import {move} from './move.js'
import {type DeployRun, type StepResult} from '../run.js'
import {stepFailed} from '../step-failure.js'

export interface Bake {
  hosts: readonly Host[]
  isLast: boolean
  bakeMillis: number
}

const lookMillis = 2_000
/** Logs take a command on each host: they are read less often. */
const logsMillis = 5_000
const readLines = 500
const shownLines = 50
/** One failed request may be anybody's fault. */
const leastFailures = 3
/** Twice as many failures as the old instances have, and one in a hundred besides. */
const timesOld = 2
const toleratedRate = 0.01

/**
 * Watches new instances that have a share of the traffic: their restarts, their failed requests beside those of the old
 * ones, and errors in their logs that the old ones don't write. Those that hold get all of their part.
 */
export async function bake(run: DeployRun, release: Release, batch: Bake): Promise<StepResult> {
  if (run.before !== undefined) await watch(run, release, batch)
  await move(run, release, {hosts: batch.hosts, isLast: batch.isLast})
  return {detail: `held for ${batch.bakeMillis / 1_000} s`}
}

async function watch(run: DeployRun, release: Release, {bakeMillis}: Bake): Promise<void> {
  const {clock} = run.needs
  const added = run.instances
  const old = (await instancesOf(run)).map(({record}) => record).filter((one) => isLeaving(run, one))
  const traffic = await run.traffic()
  const first = await traffic.answers([...added, ...old])
  const known = await linesOfAll(run, old)
  const end = clock.monotonicMillis() + bakeMillis
  let logsAt = clock.monotonicMillis() + Math.min(logsMillis, bakeMillis)
  while (clock.monotonicMillis() < end) {
    await clock.sleep(Math.min(lookMillis, end - clock.monotonicMillis()), run.signal)
    for (const instance of added) await throwIfEnded(run, instance)
    const now = await traffic.answers([...added, ...old])
    const worse = worsening(since(first, now, added), since(first, now, old))
    if (worse !== undefined) throw stepFailed(worse, await lastLinesOf(run, added))
    if (clock.monotonicMillis() < logsAt) continue
    logsAt = clock.monotonicMillis() + logsMillis
    throwIfNewErrors(await linesOfAll(run, added), [...known, ...(await linesOfAll(run, old))])
  }
  await checkStillReady(run, release)
}

/** Says in which way the new instances do worse than the old ones; undefined while they don't. */
function worsening(added: AnswerCounts, old: AnswerCounts): string | undefined {
  if (added.failed < leastFailures) return undefined
  const [rate, usual] = [rateOf(added), rateOf(old)]
  if (rate <= usual * timesOld + toleratedRate) return undefined
  const compared = old.answered + old.failed === 0 ? '' : `, ${percent(usual)} of those to the old release`
  const total = Math.max(added.answered, added.failed)
  return `${added.failed} of ${total} requests to the new release failed (${percent(rate)}${compared})`
}

function throwIfNewErrors(added: readonly LoggedLine[], old: readonly LoggedLine[]): void {
  const found = newErrors(added, old)
  const [first] = found
  if (first === undefined) return
  const count = found.length === 1 ? 'an error' : `${found.length} errors`
  throw stepFailed(
    `the new release logs ${count} that the old one doesn't: ${first.line.slice(0, 200)}`,
    found.map(toldError),
  )
}

function toldError({count, line, source}: LoggedError): string {
  return `${source} (${count === 1 ? 'once' : `${count} times`}): ${line}`
}

async function linesOfAll(run: DeployRun, instances: readonly Instance[]): Promise<LoggedLine[]> {
  const all = await Promise.all(
    instances.map(async ({host, id}) => {
      const lines = await run
        .machine(host)
        .then((machine) => machine.lastLines(id, readLines))
        .catch(() => [])
      return lines.map((line) => ({source: id, line}))
    }),
  )
  return all.flat()
}

async function lastLinesOf(run: DeployRun, instances: readonly Instance[]): Promise<string[]> {
  return (await linesOfAll(run, instances)).map(({line}) => line).slice(-shownLines)
}

function since(
  first: ReadonlyMap<string, AnswerCounts>,
  now: ReadonlyMap<string, AnswerCounts>,
  instances: readonly Instance[],
): AnswerCounts {
  const sum = {answered: 0, failed: 0}
  for (const {id} of instances) {
    const [before, after] = [first.get(id), now.get(id)]
    // A HAProxy that was reloaded counts from zero again.
    const isAnew = (after?.answered ?? 0) < (before?.answered ?? 0)
    sum.answered += (after?.answered ?? 0) - (isAnew ? 0 : (before?.answered ?? 0))
    sum.failed += Math.max(0, (after?.failed ?? 0) - (isAnew ? 0 : (before?.failed ?? 0)))
  }
  return sum
}

function rateOf({answered, failed}: AnswerCounts): number {
  return failed === 0 ? 0 : failed / Math.max(answered, failed)
}

function percent(rate: number): string {
  return `${(100 * rate).toFixed(1)} %`
}
