import {keys} from '../../../catalog/keys.js'
import {keptReleases, releasesToPrune} from '../../../domain/retention.js'
import {rollbackTarget} from '../../../domain/rollback-target.js'
import {type DeployRun, type StepResult} from '../run.js'
import {reasonOf} from '../step-failure.js'

/** How far back artifacts of older releases are looked for. */
const checkedReleases = 50

/** Keeps room: the newest releases, the live one and the one a rollback returns to stay. Never fails a deploy. */
export async function prune(run: DeployRun, live: number): Promise<StepResult> {
  const {artifacts} = run.needs
  const {service} = run.target
  try {
    const needed = await neededReleases(run, live)
    const going = releasesToPrune(await artifacts.unpackedReleases(service), needed)
    for (const release of going) await artifacts.removeRelease(service, release)
    await run.pass('prune', 'releases')
    await pruneArtifacts(run, needed)
    if (going.length === 0) return {skipped: true, detail: `at most ${keptReleases} releases are kept`}
    return {detail: going.map((release) => `r${release}`).join(', ')}
  } catch (error) {
    run.needs.report({kind: 'warning', text: `old releases stay for now: ${reasonOf(error)}`})
    return {skipped: true, detail: reasonOf(error)}
  }
}

/** Releases that are live or may be again, in any environment. */
export async function neededReleases(run: DeployRun, live: number): Promise<(number | undefined)[]> {
  const {catalog} = run.needs
  const {service} = run.target
  const environments = await catalog.environments.list(keys.environments)
  const names = new Set([run.target.environment.name, ...environments.records.map(({record}) => record.name)])
  const needed: (number | undefined)[] = [live]
  for (const name of names) {
    const binding = await catalog.bindings.get(keys.binding(name, service))
    const deploys = await catalog.deploys.list(keys.deploys(name, service))
    const history = deploys.records.map(({record}) => record)
    needed.push(
      binding?.record.active,
      binding?.record.previous,
      binding?.record.joining,
      rollbackTarget(history, binding?.record.active),
    )
  }
  return needed
}

async function pruneArtifacts(run: DeployRun, needed: readonly (number | undefined)[]): Promise<void> {
  const {artifacts, catalog} = run.needs
  const {records} = await catalog.releases.list(keys.releases(run.target.service))
  const releases = records.map(({record}) => record)
  const going = new Set(
    releasesToPrune(
      releases.map(({number}) => number),
      needed,
    ).slice(-checkedReleases),
  )
  const staying = new Set(releases.filter(({number}) => !going.has(number)).map(({artifact}) => artifact))
  const old = releases.filter(({number, artifact}) => going.has(number) && !staying.has(artifact))
  for (const {artifact} of old) await artifacts.removeArtifact(artifact)
}
