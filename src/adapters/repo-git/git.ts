import {simpleGit, type SimpleGit} from 'simple-git'

import {YardError} from '../../errors.js'

/** What a repository's own configuration may not make git do while yard only looks. */
const safeConfig = [
  'core.fsmonitor=',
  'core.hooksPath=/dev/null',
  'core.quotePath=false',
  'log.showSignature=false',
  'protocol.ext.allow=never',
  'protocol.file.allow=user',
]

const silenceMillis = 60_000

export interface GitSettings {
  /** The variables git gets, besides what yard sets. */
  variables: Readonly<Record<string, string>>
}

/**
 * git 2.30 or newer, by simple-git 4.0.2: it drops GIT_* of the surroundings and refuses some options, but not
 * `--output=…` as a ref, so everything from outside goes behind `--end-of-options` or `--`. By itself it also takes
 * an exit code without a message for success.
 */
export function openGit(settings: GitSettings, directory: string, indexFile?: string): SimpleGit {
  const git = simpleGit({
    baseDir: directory,
    config: safeConfig,
    trimmed: false,
    maxConcurrentProcesses: 2,
    timeout: {block: silenceMillis},
    allowEnvironment: ['GIT_TERMINAL_PROMPT', 'GIT_OPTIONAL_LOCKS', 'GIT_INDEX_FILE'],
    unsafe: {allowUnsafeFsMonitor: true, allowUnsafeHooksPath: true, allowUnsafeProtocolOverride: true},
    errors: (error, {exitCode, stdErr}) => {
      if (error !== undefined || exitCode === 0) return error
      return Buffer.concat([...stdErr, Buffer.from(`exit ${exitCode}`)])
    },
  })
  return git.env({
    ...settings.variables,
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    ...(indexFile !== undefined && {GIT_INDEX_FILE: indexFile}),
  })
}

/** Output of a git command. @throws YardError E_GIT */
export async function runGit(git: SimpleGit, what: string, args: string[]): Promise<string> {
  try {
    return await git.raw(args)
  } catch (error) {
    throw gitFailure(what, error)
  }
}

/** Undefined where git answers with an exit code, which for questions means no. @throws YardError E_GIT otherwise */
export async function askGit(git: SimpleGit, what: string, args: string[]): Promise<string | undefined> {
  try {
    return (await git.raw(args)).replace(/\n$/, '')
  } catch (error) {
    const failure = gitFailure(what, error)
    if (failure.details?.['cause'] === 'answered-no') return undefined
    throw failure
  }
}

function gitFailure(what: string, error: unknown): YardError {
  const message = error instanceof Error ? error.message : String(error)
  if (/ENOENT/.test(message)) {
    return new YardError('E_GIT', {
      what,
      why: 'git is not installed, or the directory is gone',
      next: ['git --version', 'yard doctor'],
      cause: error,
    })
  }
  const owner = /dubious ownership in repository at '([^']+)'/.exec(message)?.[1]
  if (owner !== undefined) {
    return new YardError('E_GIT', {
      what,
      why: 'the repository belongs to another user, and git does not trust it',
      next: [`git config --global --add safe.directory ${owner}`],
      cause: error,
    })
  }
  const lines = message.split('\n').filter((line) => line !== '' && !/^exit \d+$/.test(line))
  return new YardError('E_GIT', {
    what,
    why: `git says: ${visible(lines[0] ?? 'nothing').slice(0, 300)}`,
    next: ['git status', 'yard doctor'],
    cause: error,
    details: {cause: isRefusal(message) ? 'answered-no' : 'failed'},
  })
}

/** No such ref, key or repository: an answer, not a failure. */
function isRefusal(message: string): boolean {
  return (
    /^exit 1$/.test(message.trim()) ||
    /not a git repository|Needed a single revision|unknown revision|bad revision|must be run in a work tree|ambiguous argument|no such branch|no upstream|does not point to a branch|not currently on a branch|is not a symbolic ref|Invalid object name|invalid object name|log for .* only has|log for .* is empty|expected commit type|could not be peeled|not a valid object name/i.test(
      message,
    )
  )
}

function visible(text: string): string {
  return text.replace(/[^\u0020-\u007e]/g, '?')
}
