import {lstatSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync} from 'node:fs'
import {rm} from 'node:fs/promises'
import path from 'node:path'

import {
  type StagedFile,
  type TargetSurvey,
  type WorkspaceStage,
  type WorkspaceStages,
} from '../../contracts/workspace-stage.js'
import {YardError} from '../../errors.js'
import {translated} from './failure.js'
import {isStaleStage, stageName} from './stage-name.js'

/**
 * Stages on this machine's disk. A handful of small files: synchronous calls cost a third of the promised ones,
 * and each is over before a signal could be looked at anyway.
 */
export class LocalStages implements WorkspaceStages {
  async survey(target: string): Promise<TargetSurvey> {
    const parent = path.dirname(target)
    if (!statSync(parent, {throwIfNoEntry: false})?.isDirectory()) throw noParent(target, parent)
    const repository = repositoryAbove(parent)
    return {
      state: translated(target, () => stateOf(target)),
      ...(repository !== undefined && {insideRepository: repository}),
    }
  }

  async open(target: string): Promise<WorkspaceStage> {
    const parent = path.dirname(target)
    await removeStaleStages(parent, path.basename(target))
    const directory = path.join(parent, stageName(path.basename(target)))
    translated(target, () => mkdirSync(directory))
    return new LocalStage(directory, target)
  }
}

class LocalStage implements WorkspaceStage {
  private isPublished = false

  constructor(
    readonly directory: string,
    private readonly target: string,
  ) {}

  async write(files: readonly StagedFile[]): Promise<void> {
    translated(this.target, () => {
      for (const file of files) {
        const absolute = path.join(this.directory, ...file.path.split('/'))
        mkdirSync(path.dirname(absolute), {recursive: true})
        writeFileSync(absolute, file.text, {flag: 'wx', mode: file.executable ? 0o777 : 0o666})
      }
    })
  }

  async publish(): Promise<void> {
    translated(this.target, () => renameSync(this.directory, this.target))
    this.isPublished = true
  }

  async discard(): Promise<void> {
    if (!this.isPublished) await removeDirectory(this.directory)
  }
}

function stateOf(target: string): TargetSurvey['state'] {
  const stats = lstatSync(target, {throwIfNoEntry: false})
  if (stats === undefined) return 'free'
  if (stats.isSymbolicLink()) return 'link'
  return stats.isDirectory() && readdirSync(target).length === 0 ? 'free' : 'occupied'
}

function repositoryAbove(directory: string): string | undefined {
  if (lstatSync(path.join(directory, '.git'), {throwIfNoEntry: false})) return directory
  const parent = path.dirname(directory)
  return parent === directory ? undefined : repositoryAbove(parent)
}

async function removeStaleStages(parent: string, name: string): Promise<void> {
  const stale = translated(parent, () => readdirSync(parent)).filter((entry) => isStaleStage(entry, name))
  for (const entry of stale) await removeDirectory(path.join(parent, entry))
}

/** Programs that a killed run started may still write into it for a moment. */
function removeDirectory(directory: string): Promise<void> {
  return rm(directory, {recursive: true, force: true, maxRetries: 10, retryDelay: 100})
}

function noParent(target: string, parent: string): YardError {
  return new YardError('E_USAGE', {
    what: `Can't make ${target}`,
    why: `${parent} is not a directory`,
    next: [`mkdir -p ${parent}`],
  })
}
