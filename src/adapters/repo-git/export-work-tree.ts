import {cp, lstat, mkdir} from 'node:fs/promises'
import path from 'node:path'

import {type GitSettings, openGit, runGit} from './git.js'

/** Copies what git knows of or would add, links as links; ignored files and submodules stay behind. */
export async function exportWorkTree(settings: GitSettings, root: string, directory: string): Promise<void> {
  const git = openGit(settings, root)
  const listed = await runGit(git, `Can't list the files of ${root}`, [
    'ls-files',
    '-z',
    '--cached',
    '--others',
    '--exclude-standard',
    '--deduplicate',
  ])
  for (const file of listed.split('\0')) {
    if (file === '') continue
    const source = path.join(root, file)
    const stats = await lstat(source).catch(() => undefined)
    if (stats === undefined || !(stats.isFile() || stats.isSymbolicLink())) continue
    const target = path.join(directory, file)
    await mkdir(path.dirname(target), {recursive: true})
    await cp(source, target, {verbatimSymlinks: true})
  }
}
