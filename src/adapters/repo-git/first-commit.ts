import {execFile} from 'node:child_process'
import {promisify} from 'node:util'

import {YardError} from '../../errors.js'
import {type GitSettings} from './git.js'

/** Whatever the user's and the machine's configuration says, the same files give the same tree and the commit is made. */
const fixedConfig = [
  'core.autocrlf=false',
  'core.safecrlf=false',
  'core.excludesFile=/dev/null',
  'core.attributesFile=/dev/null',
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'commit.gpgSign=false',
  'gc.auto=0',
  'maintenance.auto=false',
]

const fallbackIdentity = ['user.name=yard', 'user.email=yard@localhost']

/** Makes a repository of the directory, with one commit of all its files on `main`. Returns the commit. */
export async function createWithFirstCommit(
  settings: GitSettings,
  directory: string,
  message: string,
): Promise<string> {
  const known = await gitIdentity(settings, directory)
  const config = [...fixedConfig, ...(known === undefined ? fallbackIdentity : [])]
  const git = (...args: string[]) =>
    run(settings, directory, [...config.flatMap((one) => ['-c', one]), ...args])
  await git('init', '--quiet', '--template=', '--initial-branch=main', '--object-format=sha1', '.')
  await git('add', '--all', '.')
  await git('commit', '--quiet', '--no-verify', '--no-gpg-sign', '--cleanup=verbatim', `--message=${message}`)
  return (await git('rev-parse', 'HEAD')).trim()
}

/** `Name <email>` as git would put it on a commit, when both are configured. */
export async function gitIdentity(settings: GitSettings, directory: string): Promise<string | undefined> {
  const listed = await run(settings, directory, [
    'config',
    '--null',
    '--get-regexp',
    '^user\\.(name|email)$',
  ]).catch(() => '')
  const values = new Map(
    listed.split('\0').map((entry) => entry.split('\n', 2) as [string, string | undefined]),
  )
  const [name, email] = [values.get('user.name')?.trim(), values.get('user.email')?.trim()]
  return name && email ? `${name} <${email}>` : undefined
}

/**
 * git by itself: four short commands, for which a library would cost more than they do. GIT_* of the surroundings,
 * such as those of a hook that runs yard, are left out.
 */
async function run(settings: GitSettings, directory: string, args: string[]): Promise<string> {
  const kept = Object.entries(settings.variables).filter(([name]) => !name.startsWith('GIT_'))
  const env = {
    ...Object.fromEntries(kept),
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CEILING_DIRECTORIES: directory,
  }
  try {
    const {stdout} = await promisify(execFile)('git', args, {cwd: directory, env, timeout: 60_000})
    return stdout
  } catch (error) {
    throw failure(directory, error)
  }
}

function failure(directory: string, error: unknown): YardError {
  const {code, stderr} = error as {code?: unknown; stderr?: string}
  const [line] = (stderr ?? '')
    .replace(/[^\n\u0020-\u007e]/g, '?')
    .split('\n')
    .filter((text) => text !== '')
  const what = `Can't make a repository in ${directory}`
  if (/No space left on device|Disk quota exceeded/.test(stderr ?? '')) {
    return new YardError('E_DISK_FULL', {
      what,
      why: 'the disk is full',
      next: [`df -h ${directory}`],
      cause: error,
    })
  }
  return new YardError('E_GIT', {
    what,
    why: code === 'ENOENT' ? 'git is not installed' : `git says: ${(line ?? 'nothing').slice(0, 300)}`,
    next: ['git --version', 'yard doctor'],
    cause: error,
  })
}
