import {readdirSync, renameSync, rmSync} from 'node:fs'
import path from 'node:path'

import {KeeperLoop} from './keeper-loop.js'
import {takeOwnership} from './ownership.js'
import {readSpec, readStatus, specFileName, statusFileName, stopFileName} from './records.js'
import {readSecrets} from './secrets-pipe.js'
import {listenForStop} from './stop-wish.js'

/*
 * The program that looks after one process: `keeper <process directory> <name of the specification in it>`.
 * It is detached from whoever started it, so instances outlive `yard up`; see docs/decisions/0006-keepers.md.
 */

/** Another keeper is at work, the start was called off, or whoever asked for it was killed before it had told everything. */
const notNeededExitCode = 3

process.on('SIGHUP', () => undefined)
process.on('SIGINT', () => undefined)
process.exit(await keep(process.argv[2] ?? '', process.argv[3] ?? ''))

async function keep(directory: string, specName: string): Promise<number> {
  const specFile = path.join(directory, path.basename(specName))
  const spec = readSpec(specFile)
  // Before it becomes the owner: nobody may have to wait for a writer that doesn't write.
  const secrets = spec?.hasSecrets === true ? await readSecrets(process.stdin) : {}
  const release = spec === undefined || secrets === undefined ? undefined : takeOwnership(directory)
  if (spec === undefined || secrets === undefined || release === undefined) {
    rmSync(specFile, {force: true})
    return notNeededExitCode
  }
  try {
    if (!claim(directory, specFile)) return notNeededExitCode
    const stop = listenForStop(directory, spec.limits.graceMillis)
    await new KeeperLoop(directory, spec, stop, secrets).run(readStatus(directory)?.child)
    return 0
  } finally {
    release()
  }
}

/** A stop that came before this keeper was up has removed the specification; a stop of an earlier keeper is done with. */
function claim(directory: string, specFile: string): boolean {
  try {
    renameSync(specFile, path.join(directory, specFileName))
  } catch {
    return false
  }
  for (const name of readdirSync(directory)) {
    if (name === stopFileName || name.startsWith(`${statusFileName}.`))
      rmSync(path.join(directory, name), {force: true})
  }
  return true
}
