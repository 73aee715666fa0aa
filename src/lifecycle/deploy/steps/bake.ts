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
/** Callers ask for what isn't there, or may not be seen, whatever the release is. */
const leastRefusals = 10
/** Twice as many as the old instances have, and so many of all besides. */
const timesOld = 2
const tolerated = {failed: 0.01, refused: 0.05} as const

/**
 * Watches new instances that have a share of the traffic: their restarts, their failed requests beside those of the old
 * ones, and errors in their logs that the old ones don't write. Those that hold get all of their part.
 */
export async function bake(run: DeployRun, release: Release, batch: Bake): Promise<StepResult> {
  if (run.before !== undefined) await watch(run, release, batch.bakeMillis)
  await move(run, release, {hosts: batch.hosts, isLast: batch.isLast})
  return {detail: `held for ${batch.bakeMillis / 1_000} s`}
}

/**
 * Watches all new instances once they have all of the traffic, and before the old ones are ended: beside what those answered
 * as long as they had it.
 */
export async function bakeAll(run: DeployRun, release: Release, bakeMillis: number): Promise<StepResult> {
  if (run.before === undefined) return {skipped: true, detail: 'nothing to compare it with was live before'}
  await watch(run, release, bakeMillis, {isOldIdle: true})
  return {detail: `held for ${bakeMillis / 1_000} s`}
}

async function watch(
  run: DeployRun,
  release: Release,
  bakeMillis: number,
  {isOldIdle = false} = {},
): Promise<void> {
  const {clock} = run.needs
  const added = run.instances
  const old = (await instancesOf(run)).map(({record}) => record).filter((one) => isLeaving(run, one))
  const traffic = await run.traffic()
  const first = await traffic.answers([...added, ...old])
  const before = isOldIdle ? since(new Map(), first, old) : undefined
  const known = await linesOfAll(run, old)
  const end = clock.monotonicMillis() + bakeMillis
  let logsAt = clock.monotonicMillis() + Math.min(logsMillis, bakeMillis)
  while (clock.monotonicMillis() < end) {
    await clock.sleep(Math.min(lookMillis, end - clock.monotonicMillis()), run.signal)
    for (const instance of added) await throwIfEnded(run, instance)
    const now = await traffic.answers([...added, ...old])
    const worse = worsening(since(first, now, added), before ?? since(first, now, old))
    if (worse !== undefined) throw stepFailed(worse, await lastLinesOf(run, added))
    // What is written at the very end counts, too.
    if (clock.monotonicMillis() < Math.min(logsAt, end)) continue
    logsAt = clock.monotonicMillis() + logsMillis
    throwIfNewErrors(await linesOfAll(run, added), [...known, ...(await linesOfAll(run, old))])
  }
  await checkStillReady(run, release)
}

/** Says in which way the new instances do worse than the old ones; undefined while they don't. */
function worsening(added: AnswerCounts, old: AnswerCounts): string | undefined {
  const isCompared = old.answered + old.failed > 0
  if (added.failed >= leastFailures && isWorse('failed', added, old)) {
    return `${share('failed', added)} requests to the new release failed (${rates('failed', added, old)})`
  }
  // Without the old ones beside them nobody can say that callers ask for something else than they always did.
  if (added.refused < leastRefusals || !isCompared || !isWorse('refused', added, old)) return undefined
  return `${share('refused', added)} requests to the new release got a 4xx (${rates('refused', added, old)})`
}

type Kind = keyof typeof tolerated

function isWorse(kind: Kind, added: AnswerCounts, old: AnswerCounts): boolean {
  return rateOf(kind, added) > rateOf(kind, old) * timesOld + tolerated[kind]
}

function share(kind: Kind, counts: AnswerCounts): string {
  return `${counts[kind]} of ${Math.max(counts.answered, counts[kind])}`
}

function rates(kind: Kind, added: AnswerCounts, old: AnswerCounts): string {
  const compared =
    old.answered + old.failed === 0 ? '' : `, ${percent(rateOf(kind, old))} of those to the old release`
  return `${percent(rateOf(kind, added))}${compared}`
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
  const sum = {answered: 0, refused: 0, failed: 0}
  for (const {id} of instances) {
    const after = now.get(id)
    const before = first.get(id)
    // A HAProxy that was reloaded counts from zero again.
    const isAnew = (after?.answered ?? 0) < (before?.answered ?? 0)
    for (const kind of ['answered', 'refused', 'failed'] as const) {
      sum[kind] += Math.max(0, (after?.[kind] ?? 0) - (isAnew ? 0 : (before?.[kind] ?? 0)))
    }
  }
  return sum
}

function rateOf(kind: Kind, counts: AnswerCounts): number {
  return counts[kind] === 0 ? 0 : counts[kind] / Math.max(counts.answered, counts[kind])
}

function percent(rate: number): string {
  return `${(100 * rate).toFixed(1)} %`
}
