import {type Host} from '../../domain/environment.js'
import {webProcess} from '../../domain/procfile.js'
import {type Release, releaseId} from '../../domain/release.js'
import {lastWatchMillis} from '../../domain/strategy.js'
import {bake, bakeAll} from './steps/bake.js'
import {checkHosts} from './steps/check.js'
import {drain} from './steps/drain.js'
import {health} from './steps/health.js'
import {move} from './steps/move.js'
import {prepare} from './steps/prepare.js'
import {prune} from './steps/prune.js'
import {type DeployRun} from './run.js'
import {smokeNew, verify} from './steps/smoke-new.js'
import {start} from './steps/start.js'
import {runMoment} from './telling.js'
import {unpack} from './steps/unpack.js'

/** From a release on, every kind of deploy is the same: batch after batch of hosts, and the old ones last. */
export async function bringUp(run: DeployRun): Promise<void> {
  const release = releaseOf(run)
  const id = releaseId(release.service, release.number)
  if (run.isFleet) {
    await run.step('check', 'Look at the hosts', (hosts) => checkHosts(run, release, hosts))
  }
  if (!run.isDone('unpack')) await runMoment(run, 'before-deploy')
  await run.step('unpack', run.isFleet ? `Bring ${id} to the hosts` : `Unpack ${id}`, (hosts) =>
    unpack(run, release, hosts),
  )
  await run.step('prepare', 'Run the release process', async () =>
    isNew(run) ? prepare(run, release) : {skipped: true, detail: `it ran when ${id} was new`},
  )
  for (const [place, hosts] of run.batches.entries()) await bringUpBatch(run, release, hosts, place)
  await run.step('smoke', 'Run its smoke tests', () => smokeNew(run, release))
  const bakeMillis = lastWatchMillis(run.strategy)
  if (bakeMillis > 0)
    await run.step('bake', watchTitle(id, bakeMillis), () => bakeAll(run, release, bakeMillis))
  const old = run.before?.active === release.number ? 'instances' : 'release'
  await run.step('drain', `Drain and stop the old ${old}`, () => drain(run, release))
  await run.step('prune', 'Remove old releases', () => prune(run, release.number))
}

async function bringUpBatch(
  run: DeployRun,
  release: Release,
  hosts: readonly Host[],
  place: number,
): Promise<void> {
  const {batches, strategy} = run
  const batch = batches.length > 1 ? {batch: place + 1} : {}
  const isLast = place === batches.length - 1
  const id = releaseId(release.service, release.number)
  const isSame = run.before?.active === release.number
  const before =
    run.before === undefined || isSame ? '' : ` beside ${releaseId(release.service, run.before.active)}`
  const manner = run.record.kind === 'restart' ? ' anew' : before
  await run.step({step: 'start', ...batch}, `Start ${id}${manner}`, (progress) =>
    start(run, release, hosts, progress),
  )
  await run.step({step: 'health', ...batch}, `Wait until ${id} is ready`, (progress) =>
    health(run, release, hosts, progress),
  )
  const isCanary = strategy.kind === 'canary' && place === 0
  if (isCanary || strategy.kind === 'blue-green') {
    await run.step({step: 'verify', ...batch}, `Run the smoke tests on ${id} alone`, () =>
      verify(run, release, hosts),
    )
  }
  if (!isCanary) {
    const title = moveTitle(release, isSame)
    await run.step({step: 'move', ...batch}, title, () => move(run, release, {hosts, isLast}))
    return
  }
  const {bakeMillis, weight} = strategy
  const share = hasRequests(release) ? `Give ${id} a share of the traffic` : `Try ${id} beside the old one`
  await run.step({step: 'move', ...batch}, share, () => move(run, release, {hosts, isLast, share: weight}))
  await run.step({step: 'bake', ...batch}, watchTitle(id, bakeMillis), () =>
    bake(run, release, {hosts, isLast, bakeMillis}),
  )
}

function hasRequests({processes}: Pick<Release, 'processes'>): boolean {
  return processes[webProcess] !== undefined
}

/** For workers the move is who is called live. */
function moveTitle({number, processes, service}: Release, isSame: boolean): string {
  const id = releaseId(service, number)
  if (!hasRequests({processes}))
    return isSame ? `Hand over to the new instances of ${id}` : `Make ${id} the live one`
  return isSame ? `Share the traffic of ${id} anew` : `Move the traffic to ${id}`
}

function watchTitle(id: string, bakeMillis: number): string {
  return `Watch ${id} for ${bakeMillis / 1_000} s`
}

/** What was live before has had its release process run, and so has a release that only gets more instances. */
function isNew({record}: DeployRun): boolean {
  return record.kind === 'deploy' || record.kind === 'promote'
}

export function releaseOf(run: DeployRun): Release {
  if (run.release === undefined) throw new Error('a deploy went on without a release')
  return run.release
}
