import path from 'node:path'

import {type Files} from '../../contracts/files.js'
import {platformFileName} from '../../domain/platform-file.js'
import {platformFileText} from '../../domain/platform-file-text.js'
import {YardError} from '../../errors.js'
import {type ReadPlatformNeeds, readPlatform} from './read.js'

export interface InitPlatformNeeds extends ReadPlatformNeeds {
  files: Files
  /** The recipient whose identity is on this machine; the identity is made when there is none. */
  ownRecipient: () => Promise<string>
  /** Who is at work: `ada@laptop`. */
  actor: string
}

export interface InitPlatformRequest {
  directory: string
  catalogUrl: string | undefined
  /** Where the identity of this machine is, or will be. */
  identityFile: string
  dryRun: boolean
}

export interface InitPlatformReport {
  file: string
  dryRun: boolean
  text: string
  /** Undefined in a dry run on a machine that has no identity yet. */
  recipient?: string
}

/**
 * Writes a commented platform file; never over another one.
 * @throws YardError E_TARGET_EXISTS, E_PLATFORM_FILE when the catalog's URL is none
 */
export async function initPlatform(
  needs: InitPlatformNeeds,
  request: InitPlatformRequest,
): Promise<InitPlatformReport> {
  const {catalogUrl, directory, dryRun, identityFile} = request
  const file = path.join(directory, platformFileName)
  if (await needs.files.exists(file)) throw isThere(file)
  await checkText(needs, file, platformFileText({catalogUrl, actor: needs.actor}))
  const hasIdentity = await needs.files.exists(identityFile)
  const recipient = dryRun && !hasIdentity ? undefined : await needs.ownRecipient()
  const text = platformFileText({catalogUrl, recipient, actor: needs.actor})
  await checkText(needs, file, text)
  if (!dryRun) await needs.files.writeText(file, text)
  return {file, dryRun, text, ...(recipient !== undefined && {recipient})}
}

/** What is written must pass the check of whoever reads it. */
async function checkText(needs: InitPlatformNeeds, file: string, text: string): Promise<void> {
  await readPlatform({documents: needs.documents, files: {readText: async () => text}}, file)
}

function isThere(file: string): YardError {
  return new YardError('E_TARGET_EXISTS', {
    what: `Can't write ${file}`,
    why: 'it is there already, and it may hold what others rely on',
    next: [`yard catalog diff --platform ${file}`, 'yard init --dry-run   # elsewhere, to see a new one'],
  })
}
