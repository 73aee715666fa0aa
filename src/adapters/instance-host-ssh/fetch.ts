import {constants} from 'node:fs'
import {copyFile, mkdir, rm, symlink, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {createGunzip} from 'node:zlib'

import {type FetchRequest} from '../../contracts/instance-host.js'
import {type RemoteShell} from '../../contracts/remote-shell.js'
import {
  type ContentFile,
  directoriesOf,
  type ManifestFile,
  objectName,
  objectsOf,
} from '../../domain/release-manifest.js'
import {YardError} from '../../errors.js'
import {fetchedMode, takeContents} from './fetched-contents.js'
import {type ReleasePlaces} from './release-places.js'
import {releaseCommand, scriptFault} from './release-script-call.js'

const leastMillis = 120_000
/** A line that is slower than that is no line. */
const slowestBytesPerMillis = 20

/**
 * Each content comes once, whatever the number of files that have it; what a file gets is what its hash says, or nothing.
 * @throws YardError E_ARTIFACT, E_DISK_FULL for the disk here, E_HOST_SETUP, E_PERMISSION, E_HOST_UNREACHABLE
 */
export async function fetchFiles(
  shell: RemoteShell,
  places: ReleasePlaces,
  {directory, files, service}: FetchRequest,
): Promise<void> {
  const objects = objectsOf(files)
  try {
    for (const below of directoriesOf(files)) await mkdir(path.join(directory, below), {recursive: true})
    if (objects.size > 0) await fetchContents(shell, places, {directory, objects, service})
    for (const file of files) await finish(directory, file, objects)
  } catch (error) {
    throw ofDisk(error, service)
  }
}

interface Wanted {
  directory: string
  objects: ReadonlyMap<string, ContentFile>
  service: string
}

async function fetchContents(
  shell: RemoteShell,
  places: ReleasePlaces,
  {directory, objects, service}: Wanted,
): Promise<void> {
  const names = [...objects.keys()]
  const bytes = [...objects.values()].reduce((sum, file) => sum + file.bytes, 0)
  const deadlineMillis = leastMillis + Math.ceil(bytes / slowestBytesPerMillis)
  const call = {fence: undefined, service, release: 0, args: [], deadlineMillis}
  const unpacked = createGunzip()
  // Whoever waits for it hears of it; nobody else has to.
  unpacked.on('error', () => undefined)
  let goOn: () => void = () => undefined
  for (const event of ['drain', 'close']) unpacked.on(event, () => goOn())
  const stopping = new AbortController()
  const taken = takeContents(unpacked, [...objects.values()], {directory, host: shell.host}).catch(
    (error: unknown) => {
      stopping.abort()
      unpacked.destroy()
      throw error
    },
  )
  taken.catch(() => undefined)
  const program = await shell.stream(
    {...releaseCommand(places, 'fetch', call), deadlineMillis},
    {
      signal: stopping.signal,
      onData: async (chunk) => {
        if (unpacked.destroyed || unpacked.write(chunk)) return
        await new Promise<void>((resolve) => (goOn = resolve))
      },
    },
  )
  await program.write(names.map((name) => `${name}\n`).join(''))
  program.endInput()
  const result = await program.ended
  unpacked.end()
  if (result.outcome !== 'succeeded' && !stopping.signal.aborted) {
    unpacked.destroy()
    await taken.catch(() => undefined)
    throw scriptFault(shell.host, 'fetch', result, call)
  }
  await taken
}

/** What has no content of its own, or one that came under another path. */
async function finish(
  directory: string,
  file: ManifestFile,
  objects: ReadonlyMap<string, ContentFile>,
): Promise<void> {
  const place = path.join(directory, file.path)
  if (file.kind === 'directory') return
  const first = file.kind === 'file' ? objects.get(objectName(file)) : undefined
  if (first?.path === file.path) return
  await rm(place, {force: true})
  if (file.kind === 'link') await symlink(file.target, place)
  else if (first === undefined) await writeFile(place, '', {flag: 'wx', mode: fetchedMode(file)})
  else await copyFile(path.join(directory, first.path), place, constants.COPYFILE_EXCL)
}

/** A full disk of this machine, for people; any other error as it is. */
function ofDisk(error: unknown, service: string): unknown {
  const {code} = error as NodeJS.ErrnoException
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error
  return new YardError('E_DISK_FULL', {
    what: `Can't copy files of ${service} to this machine`,
    why: "no space is left on the disk that holds yard's state directory",
    next: ['df -h', 'free some space and run the command again'],
    cause: error,
  })
}
