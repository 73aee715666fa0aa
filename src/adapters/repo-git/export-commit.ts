import {randomBytes} from 'node:crypto'
import {rm} from 'node:fs/promises'
import path from 'node:path'

import {type GitSettings, openGit, runGit} from './git.js'

/**
 * Reads the commit into an index of its own beside `directory` and writes its files out: the repository's index,
 * work tree and HEAD stay as they are.
 */
export async function exportCommit(
  settings: GitSettings,
  root: string,
  commit: string,
  directory: string,
): Promise<void> {
  const what = `Can't export commit ${commit.slice(0, 12)}`
  const indexFile = path.join(path.dirname(directory), `.index-${randomBytes(6).toString('hex')}`)
  const git = openGit(settings, root, indexFile)
  try {
    await runGit(git, what, ['read-tree', `${commit}^{tree}`])
    await runGit(git, what, ['checkout-index', '--all', '--force', `--prefix=${directory}${path.sep}`])
  } finally {
    await rm(indexFile, {force: true})
    await rm(`${indexFile}.lock`, {force: true})
  }
}
