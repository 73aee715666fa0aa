import {absent} from '../../catalog/collection.js'
import {readConfig} from '../../catalog/config.js'
import {readConsumerTokens} from '../../catalog/consumer-tokens.js'
import {keys} from '../../catalog/keys.js'
import {reportBad} from '../../catalog/report-bad.js'
import {effectiveConfig, releaseConfig} from '../../domain/config-merge.js'
import {type Release, releaseId} from '../../domain/release.js'
import {YardError} from '../../errors.js'
import {type Built} from './build.js'
import {type Source} from './plan.js'
import {type DeployRun, type StepResult} from './run.js'

const attempts = 20

/** Build and config become a release: numbered by compare-and-swap, and never changed afterwards. */
export async function makeRelease(run: DeployRun, built: Built, source: Source): Promise<StepResult> {
  const {catalog} = run.needs
  const {environment, service} = run.target
  const {bad, ...config} = await readConfig(catalog, environment.name, service)
  const tokens = await readConsumerTokens(catalog, service)
  reportBad(run.needs.report, [...bad, ...tokens.bad])
  const set = releaseConfig(effectiveConfig({...config, file: built.service.variables}))
  const merged = {variables: set.variables, secrets: {...set.secrets, ...tokens.secrets}}
  for (let attempt = 0; attempt < attempts; attempt++) {
    const {entries} = await catalog.store.range(keys.releases(service))
    const newest = entries.map(({key}) => Number(key.slice(-9))).filter(Number.isInteger)
    const release = describe(run, built, source, merged, Math.max(0, ...newest) + 1)
    const key = keys.release(service, release.number)
    const record = catalog.releases.put(key, release)
    try {
      await run.write([absent(key)], [record])
    } catch (error) {
      if (!(error instanceof YardError) || error.code !== 'E_CONFLICT' || run.signal.aborted) throw error
      continue
    }
    run.release = release
    await run.pass('release', 'recorded')
    await run.update({release: release.number})
    return {detail: releaseId(service, release.number)}
  }
  throw new YardError('E_CONFLICT', {
    what: `Can't make a release of ${service}`,
    why: 'the catalog changed while this command was at work',
    next: ['run the command again'],
  })
}

function describe(
  run: DeployRun,
  built: Built,
  source: Source,
  config: ReturnType<typeof releaseConfig>,
  number: number,
): Release {
  const {service, processes} = built
  const {secrets, variables} = config
  return {
    v: 1,
    service: run.target.service,
    number,
    environment: run.target.environment.name,
    build: built.id,
    commit: source.commit,
    ref: source.ref,
    dirty: source.dirty,
    artifact: built.artifact,
    variables,
    ...(Object.keys(secrets).length > 0 && {secrets}),
    processes,
    health: service.health,
    drain: service.drain,
    smoke: service.smoke,
    createdAt: run.needs.clock.now().toISOString(),
    createdBy: run.needs.actor,
  }
}
