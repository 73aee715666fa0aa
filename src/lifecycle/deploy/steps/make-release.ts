import {absent} from '../../../catalog/collection.js'
import {keys} from '../../../catalog/keys.js'
import {type Release, releaseId} from '../../../domain/release.js'
import {YardError} from '../../../errors.js'
import {type Built} from './build.js'
import {configForRelease, type ConfigOfRelease} from './config-for-release.js'
import {type Source} from '../plan.js'
import {filesDigest} from './release-manifest.js'
import {type DeployRun, type StepResult} from '../run.js'

const attempts = 20

/** Build and config become a release: numbered by compare-and-swap, and never changed afterwards. */
export async function makeRelease(
  run: DeployRun,
  built: Built,
  source: Source,
  promoted: Pick<Release, 'promotedFrom'> = {},
): Promise<StepResult> {
  const {catalog} = run.needs
  const {service} = run.target
  const merged = await configForRelease(run.needs, run.target, built.service.variables)
  for (let attempt = 0; attempt < attempts; attempt++) {
    const {entries} = await catalog.store.range(keys.releases(service))
    const newest = entries.map(({key}) => Number(key.slice(-9))).filter(Number.isInteger)
    const number = Math.max(0, ...newest) + 1
    const files = await digestOfFiles(run, built, number)
    const release: Release = {...describe(run, built, source, merged, number), ...files, ...promoted}
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

/** Hosts are told of files; what looks after this machine unpacks the artifact itself. */
async function digestOfFiles(
  run: DeployRun,
  {artifact, filesDigest: known}: Built,
  number: number,
): Promise<Pick<Release, 'filesDigest'>> {
  if (known !== undefined) return {filesDigest: known}
  if (!run.isFleet) return {}
  const {artifacts} = run.needs
  const {service} = run.target
  // The next step needs it there anyway; where somebody else takes the number, it is unpacked anew.
  await artifacts.unpack(artifact, service, number)
  return {filesDigest: filesDigest(await artifacts.manifest(service, number))}
}

function describe(
  run: DeployRun,
  built: Built,
  source: Source,
  config: ConfigOfRelease,
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
    ...(service.limits !== undefined && {limits: service.limits}),
    ...(service.needs.length > 0 && {needs: service.needs}),
    ...(service.hooks !== undefined && {hooks: service.hooks}),
    createdAt: run.needs.clock.now().toISOString(),
    createdBy: run.needs.actor,
  }
}
