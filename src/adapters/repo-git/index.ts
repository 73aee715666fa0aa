import {realpath} from 'node:fs/promises'
import path from 'node:path'

import {type SourceRepository} from '../../contracts/source-repository.js'
import {printable} from '../../domain/names.js'
import {YardError} from '../../errors.js'
import {exportCommit} from './export-commit.js'
import {exportWorkTree} from './export-work-tree.js'
import {createWithFirstCommit} from './first-commit.js'
import {askGit, type GitSettings, openGit, runGit} from './git.js'
import {withoutCredentials} from './remote-url.js'

/** Repositories on this machine, by git. */
export class GitRepository implements SourceRepository {
  constructor(private readonly settings: GitSettings) {}

  async findRoot(directory: string): Promise<string | undefined> {
    const found = await this.ask(directory, ['rev-parse', '--show-toplevel'])
    if (found === undefined || found === '') return undefined
    const [root, real] = await Promise.all([realpath(found), realpath(directory)])
    // `core.worktree` in a repository's configuration can name any directory of this machine.
    return real === root || real.startsWith(`${root}${path.sep}`) ? root : undefined
  }

  async resolve(root: string, ref: string): Promise<string | undefined> {
    if (!isPlausibleRef(ref)) return undefined
    const [meant, branch, tag] = await Promise.all([
      this.commitOf(root, ref),
      this.commitOf(root, `refs/heads/${ref}`),
      this.commitOf(root, `refs/tags/${ref}`),
    ])
    if (ref === 'HEAD') return meant
    if (branch !== undefined && tag !== undefined && branch !== tag) throw ambiguousRef(ref)
    return branch ?? meant
  }

  async changedPaths(root: string): Promise<string[]> {
    const git = openGit(this.settings, root)
    const output = await runGit(git, `Can't see what changed in ${root}`, [
      'status',
      '--porcelain=v1',
      '-z',
      '--no-renames',
      '--untracked-files=all',
    ])
    return output
      .split('\0')
      .filter((entry) => entry !== '')
      .map((entry) => entry.slice(3))
  }

  async currentBranch(root: string): Promise<string | undefined> {
    const branch = await this.ask(root, ['symbolic-ref', '--quiet', '--short', 'HEAD'])
    return branch === '' ? undefined : branch
  }

  async originUrl(root: string): Promise<string | undefined> {
    const url = await this.ask(root, ['config', '--get', 'remote.origin.url'])
    return url === undefined || url === '' ? undefined : withoutCredentials(url)
  }

  exportCommit(root: string, commit: string, directory: string): Promise<void> {
    return exportCommit(this.settings, root, commit, directory)
  }

  exportWorkTree(root: string, directory: string): Promise<void> {
    return exportWorkTree(this.settings, root, directory)
  }

  createWithFirstCommit(directory: string, message: string): Promise<string> {
    return createWithFirstCommit(this.settings, directory, message)
  }

  async identity(directory: string): Promise<string | undefined> {
    const [name, email] = await Promise.all([
      this.ask(directory, ['config', '--get', 'user.name']),
      this.ask(directory, ['config', '--get', 'user.email']),
    ])
    return name === undefined || email === undefined ? undefined : `${name} <${email}>`
  }

  private async commitOf(root: string, ref: string): Promise<string | undefined> {
    const answer = await this.ask(root, [
      'rev-parse',
      '--verify',
      '--quiet',
      '--end-of-options',
      `${ref}^{commit}`,
    ])
    return answer !== undefined && /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(answer) ? answer : undefined
  }

  private ask(directory: string, args: string[]): Promise<string | undefined> {
    return askGit(openGit(this.settings, directory), `Can't read the repository at ${directory}`, args)
  }
}

/** Refuses what git would take for an option, a range, a search or a date; the rest git knows itself. */
function isPlausibleRef(ref: string): boolean {
  if (ref === '' || ref.length > 250 || /^[-:^]/.test(ref)) return false
  if (/[\u0000-\u0020\u007f?*[\\]|\.\./.test(ref)) return false
  return !ref.replace(/@\{(?:-?[0-9]{1,4}|u|upstream)\}/g, '').includes('{')
}

function ambiguousRef(ref: string): YardError {
  return new YardError('E_REF_UNKNOWN', {
    what: `Can't tell which commit ${printable(ref)} means`,
    why: 'a branch and a tag have this name, and they are at different commits',
    next: [`use --ref refs/heads/${ref} for the branch`, `use --ref refs/tags/${ref} for the tag`],
  })
}
