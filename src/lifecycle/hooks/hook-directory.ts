import path from 'node:path'

import {type ArtifactStore} from '../../contracts/artifact-store.js'
import {type SourceRepository} from '../../contracts/source-repository.js'

export interface HookDirectoryNeeds {
  artifacts: Pick<ArtifactStore, 'createStaging' | 'removeStaging'>
  repository: Pick<SourceRepository, 'exportCommit' | 'exportWorkTree'>
}

export interface HookSource {
  service: string
  root: string
  /** The directory of the service below the root. */
  below: string
  commit: string
  /** The work tree as it is, in place of the commit. */
  dirty: boolean
}

/** A clean copy of what is deployed, for its hooks: what they change there changes no release. */
export interface HookDirectory {
  /** Made when it is first asked for. */
  directory: () => Promise<string>
  /** Removes it. Never throws. */
  close: () => Promise<void>
}

export function hookDirectory(needs: HookDirectoryNeeds, source: HookSource): HookDirectory {
  let copy: Promise<string> | undefined
  return {
    directory: async () => path.join(await (copy ??= exportSource(needs, source)), source.below),
    close: async () => {
      const staging = await copy?.catch(() => undefined)
      if (staging !== undefined) await needs.artifacts.removeStaging(staging).catch(() => undefined)
    },
  }
}

async function exportSource(
  {artifacts, repository}: HookDirectoryNeeds,
  {commit, dirty, root, service}: HookSource,
): Promise<string> {
  const staging = await artifacts.createStaging(service)
  try {
    await (dirty ? repository.exportWorkTree(root, staging) : repository.exportCommit(root, commit, staging))
    return staging
  } catch (error) {
    await artifacts.removeStaging(staging).catch(() => undefined)
    throw error
  }
}
