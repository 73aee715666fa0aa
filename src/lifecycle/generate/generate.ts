import path from 'node:path'

import {type Clock} from '../../contracts/clock.js'
import {type CommandRunner} from '../../contracts/command-runner.js'
import {type Files} from '../../contracts/files.js'
import {type Report} from '../../contracts/report.js'
import {type SourceRepository} from '../../contracts/source-repository.js'
import {type WorkspaceStage, type WorkspaceStages} from '../../contracts/workspace-stage.js'
import {completeAnswers, type GivenAnswers, nameOf} from '../../domain/generate/answers.js'
import {mergeAnswers} from '../../domain/generate/given-answers.js'
import {YardError} from '../../errors.js'
import {loadPack, type Pack, type PackName} from '../../templates/skeleton.js'
import {install, runTests} from './dependencies.js'
import {type GenerationPlan, planGeneration, sha256} from './plan.js'
import {type FinishedStep, Steps} from './steps.js'

export interface GenerateNeeds {
  stages: WorkspaceStages
  /** Opened only for an installation. */
  commands: () => Promise<CommandRunner>
  /** Opened only for an answers file. */
  files: () => Promise<Pick<Files, 'readText'>>
  /** Opened only where something is committed or nobody said who the owner is. */
  repository: () => Promise<Pick<SourceRepository, 'createWithFirstCommit' | 'identity'>>
  clock: Clock
  report: Report
  signal: AbortSignal
  /** Another pack than the one that the request names; for tests. */
  pack?: Pack
}

export interface GenerateRequest {
  name: string | undefined
  /** Absolute; the service gets a directory of its name in it. */
  parent: string
  template: PackName
  /** Answers; each wins over `settings`, those over the answers file. */
  ci?: string | undefined
  owner?: string | undefined
  description?: string | undefined
  port?: number | undefined
  /** `key=value` */
  settings: readonly string[]
  /** Absolute. */
  answersFile?: string | undefined
  /** Where the user stands: the lines to paste next are relative to it. */
  workingDirectory: string
  /** Who owns the service when neither `owner` nor git's configuration says so. */
  user: string
  install: boolean
  dryRun: boolean
}

export interface GenerateReport {
  service: string
  directory: string
  dryRun: boolean
  template: {name: string; version: string; digest: string}
  answers: GenerationPlan['answers']
  /** git's id of the tree: a dry run promises it, the real run commits it. */
  tree: string
  commit?: string
  installed: boolean
  files: {path: string; mode: string; sha256: string; bytes: number; action: 'create'}[]
  steps: FinishedStep[]
  /** Lines to paste next. */
  next: string[]
}

/**
 * Makes a new service: rendered, installed, tested and committed in a stage beside its target, then published by
 * one rename. After any failure the target is as it was.
 * @throws YardError E_NAME_INVALID, E_USAGE, E_TARGET_EXISTS, E_PERMISSION, E_DISK_FULL, E_GIT, E_GENERATE_FAILED, E_INTERRUPTED
 */
export async function generate(needs: GenerateNeeds, request: GenerateRequest): Promise<GenerateReport> {
  const steps = new Steps(needs)
  const given = await givenAnswers(needs, request)
  const name = nameOf(given)
  const target = path.join(request.parent, name)
  await checkTarget(needs, target)
  const pack = needs.pack ?? (await loadPack(request.template))
  const plan = await steps.run('render', 'Render the template', async () => {
    const owner = given.owner === undefined ? await defaultOwner(needs, request) : ''
    return planGeneration(pack, completeAnswers(given, owner))
  })
  const commit = request.dryRun ? undefined : await publish(needs, steps, plan, target, request.install)
  return {
    service: name,
    directory: target,
    dryRun: request.dryRun,
    template: {name: pack.name, version: pack.version, digest: pack.digest},
    answers: plan.answers,
    tree: plan.tree,
    ...(commit !== undefined && {commit}),
    installed: request.install && !request.dryRun,
    files: plan.files.map((file) => ({
      path: file.path,
      mode: file.executable ? '100755' : '100644',
      sha256: sha256(file.text),
      bytes: Buffer.byteLength(file.text),
      action: 'create',
    })),
    steps: steps.finished,
    next: [
      `cd ${pasteable(path.relative(request.workingDirectory, target))}`,
      'yard register',
      'yard deploy --env local',
    ],
  }
}

function pasteable(directory: string): string {
  return /^[\w./-]+$/.test(directory) ? directory : `'${directory.replaceAll("'", "'\\''")}'`
}

/** @throws YardError E_USAGE */
async function givenAnswers(needs: GenerateNeeds, request: GenerateRequest): Promise<GivenAnswers> {
  const {answersFile, settings, name, owner, description, ci, port} = request
  const flags = {name, owner, description, ci, port}
  if (answersFile === undefined) return mergeAnswers({settings, flags})
  const text = await (await needs.files()).readText(answersFile, 64 * 1024)
  if (text !== undefined) return mergeAnswers({file: {path: answersFile, text}, settings, flags})
  throw new YardError('E_USAGE', {
    what: `Can't use the answers in ${answersFile}`,
    why: 'there is no such file',
    next: [`ls -l ${answersFile}`, 'yard generate service --print-schema'],
  })
}

async function checkTarget(needs: GenerateNeeds, target: string): Promise<void> {
  const {state, insideRepository} = await needs.stages.survey(target)
  if (state !== 'free') {
    throw new YardError('E_TARGET_EXISTS', {
      what: `Can't generate a service in ${target}`,
      why: state === 'link' ? 'a symbolic link stands there' : 'something is there already',
      next: [`ls -la ${target}`, 'choose another name, or another directory with --dir'],
    })
  }
  if (insideRepository !== undefined) {
    const text = `${target} lies inside the git repository ${insideRepository}; it gets a repository of its own`
    needs.report({kind: 'warning', text})
  }
}

async function defaultOwner(needs: GenerateNeeds, request: GenerateRequest): Promise<string> {
  const repository = await needs.repository()
  const identity = await repository.identity(request.parent)
  return identity?.replace(/ <.*$/, '') ?? request.user
}

async function publish(
  needs: GenerateNeeds,
  steps: Steps,
  plan: GenerationPlan,
  target: string,
  wantsInstall: boolean,
): Promise<string> {
  const stage = await needs.stages.open(target)
  try {
    const commit = await fill(needs, steps, plan, stage, wantsInstall)
    await steps.run('publish', `Publish ${target}`, () => stage.publish())
    return commit
  } finally {
    await stage.discard()
  }
}

async function fill(
  needs: GenerateNeeds,
  steps: Steps,
  plan: GenerationPlan,
  stage: WorkspaceStage,
  wantsInstall: boolean,
): Promise<string> {
  await steps.run('write', `Write ${plan.files.length} files`, () => stage.write(plan.files))
  if (wantsInstall) {
    const commands = await needs.commands()
    const work = {commands, report: needs.report, signal: needs.signal, directory: stage.directory}
    await steps.run('install', 'Install dependencies', () => install(work, plan.answers.name))
    await steps.run('test', "Run the service's tests", () => runTests(work, plan.answers.name))
  }
  return steps.run('commit', 'Make the first commit', async () => {
    const repository = await needs.repository()
    return repository.createWithFirstCommit(stage.directory, `Generate ${plan.answers.name}`)
  })
}
