import path from 'node:path'

import {keys} from '../../../catalog/keys.js'
import {type RunResult} from '../../../contracts/command-runner.js'
import {buildIdOf, shortCommit} from '../../../domain/build-id.js'
import {type Build} from '../../../domain/release.js'
import {type Hooks} from '../../../domain/service.js'
import {type ServiceFile, serviceFileName} from '../../../domain/service-file.js'
import {YardError} from '../../../errors.js'
import {hookDirectory} from '../../hooks/hook-directory.js'
import {runEnding} from '../../run-ending.js'
import {readServiceFiles, type ServiceFiles} from '../../service-file.js'
import {type DeployNeeds} from '../needs.js'
import {type Source} from '../plan.js'
import {type DeployRun, type StepResult} from '../run.js'
import {stepFailed} from '../step-failure.js'
import {runMoment} from '../telling.js'

export interface Built extends ServiceFiles {
  id: string
  artifact: string
  /** Where it is known already: of a build that is live elsewhere. */
  filesDigest?: string
}

const shownLines = 30

/**
 * Turns the source into an artifact, once per commit. The service file and the Procfile are those of the commit,
 * not those in front of the person.
 */
export async function build(
  run: DeployRun,
  needs: DeployNeeds,
  source: Source,
  keep: (built: Built) => void,
): Promise<StepResult> {
  const {artifacts} = needs
  const {service} = run.target
  const staging = await artifacts.createStaging(service)
  try {
    const id = await exportSource(needs, source, staging)
    await run.update({build: id})
    await run.pass('build', 'exported')
    const directory = path.join(staging, source.below)
    const files = await readServiceFiles(needs, {
      directory,
      purpose: `deploy ${service}`,
      where: `at ${shortCommit(source.commit, source.dirty)}`,
    })
    if (files.service.name !== service) throw otherService(service, files.service.name, source)
    useHooks(run, needs, source, files.service.hooks)

    const known = await knownBuild(run, id)
    if (known?.artifact !== undefined && (await artifacts.has(known.artifact))) {
      keep({...files, id, artifact: known.artifact})
      return {skipped: true, detail: `${shortCommit(source.commit, source.dirty)} was built before`}
    }
    const artifact = await buildNew(run, needs, {id, source, directory, file: files.service})
    keep({...files, id, artifact})
    return {detail: shortCommit(source.commit, source.dirty)}
  } finally {
    await artifacts.removeStaging(staging)
  }
}

/**
 * They run in a copy of what is deployed: only here, in its repository, they are the team's own. Known before anything is
 * built, so that they hear of a build that fails.
 */
function useHooks(run: DeployRun, needs: DeployNeeds, source: Source, hooks: Hooks | undefined): void {
  if (hooks === undefined) return
  const copy = hookDirectory(needs, {service: run.target.service, ...source})
  run.ownHooks = {from: serviceFileName, hooks, directory: copy.directory}
  run.closers.push(() => copy.close())
}

/** Returns the id of what was exported; with uncommitted changes it depends on every byte. */
async function exportSource(needs: DeployNeeds, source: Source, staging: string): Promise<string> {
  if (!source.dirty) {
    await needs.repository.exportCommit(source.root, source.commit, staging)
    return buildIdOf(source.commit)
  }
  await needs.repository.exportWorkTree(source.root, staging)
  const {digest} = await needs.artifacts.pack(staging)
  await needs.artifacts.removeArtifact(digest)
  return buildIdOf(source.commit, digest)
}

async function knownBuild(run: DeployRun, id: string): Promise<Build | undefined> {
  const stored = await run.needs.catalog.builds.get(keys.build(run.target.service, id))
  return stored?.record.status === 'succeeded' ? stored.record : undefined
}

interface NewBuild {
  id: string
  source: Source
  directory: string
  file: ServiceFile
}

async function buildNew(run: DeployRun, needs: DeployNeeds, wanted: NewBuild): Promise<string> {
  const {catalog, clock} = needs
  const {id, source, directory, file} = wanted
  const key = keys.build(run.target.service, id)
  const record: Build = {
    v: 1,
    service: run.target.service,
    id,
    commit: source.commit,
    dirty: source.dirty,
    status: 'running',
    startedAt: clock.now().toISOString(),
  }
  const put = (changes: Partial<Build>) => run.write([], [catalog.builds.put(key, {...record, ...changes})])
  await put({})
  await run.pass('build', 'recorded')
  try {
    const own = file.hooks && {from: serviceFileName, hooks: file.hooks, directory: async () => directory}
    await runMoment(run, 'before-build', {own})
    await runLines(run, needs, file, directory)
    await run.pass('build', 'built')
    const {digest} = await needs.artifacts.pack(directory)
    await run.pass('build', 'packed')
    await put({status: 'succeeded', artifact: digest, finishedAt: clock.now().toISOString()})
    return digest
  } catch (error) {
    await put({status: 'failed', finishedAt: clock.now().toISOString()}).catch(() => undefined)
    throw error
  }
}

async function runLines(
  run: DeployRun,
  needs: DeployNeeds,
  file: ServiceFile,
  directory: string,
): Promise<void> {
  const deadline = needs.clock.monotonicMillis() + file.buildTimeoutMillis
  for (const line of file.build) {
    const result = await needs.commands.run(
      {line},
      {
        directory,
        variables: {YARD_SERVICE: run.target.service},
        deadlineMillis: Math.max(1, deadline - needs.clock.monotonicMillis()),
        signal: run.signal,
        onLine: (text) => needs.report({kind: 'step-output', step: 'build', line: text}),
      },
    )
    run.signal.throwIfAborted()
    if (result.outcome !== 'succeeded') throw lineFailed(line, result, file.buildTimeoutMillis)
  }
}

export function lineFailed(line: string, result: RunResult, timeoutMillis: number): Error {
  return stepFailed(`\`${line}\` ${runEnding(result, timeoutMillis)}`, result.lastLines.slice(-shownLines))
}

function otherService(wanted: string, found: string, source: Source): YardError {
  return new YardError('E_SERVICE_FILE', {
    what: `Can't deploy ${wanted}`,
    why: `service.yaml at ${shortCommit(source.commit, source.dirty)} is that of ${found}`,
    next: [`deploy a commit in which the service is called ${wanted}`],
  })
}
