import {type HostSurvey, type SurveyRequest} from '../../contracts/instance-host.js'
import {type RemoteShell} from '../../contracts/remote-shell.js'
import {directoriesOf, objectsOf, type ReleaseManifest} from '../../domain/release-manifest.js'
import {keptReleases} from '../../domain/retention.js'
import {YardError} from '../../errors.js'
import {type ReleasePlaces} from './release-places.js'
import {notSetUp, runReleaseScript} from './release-script-call.js'
import {readSurvey, type SurveyAnswer} from './survey-answer.js'

/** What a look at a host found, with what only a place needs to know. */
export interface Surveyed {
  survey: HostSurvey
  /** Names of the contents that aren't there. */
  missing: string[]
  /** Whether there is a release of this number, which may be another one all the same. */
  isThere: boolean
}

export type LookRequest = Omit<SurveyRequest, 'neededReleases'> & {neededReleases: readonly number[] | 'all'}

const deadlineMillis = 120_000
/** Beside what a release takes: logs, units, whatever else grows while it's brought there. */
const spareBytes = 20 * 1024 ** 2
const spareFiles = 500

/** @throws YardError E_FENCED, E_HOST_SETUP, E_DISK_FULL, E_PERMISSION, E_HOST_UNREACHABLE */
export async function surveyHost(
  shell: RemoteShell,
  places: ReleasePlaces,
  {release, ...look}: LookRequest,
): Promise<Surveyed> {
  const objects = objectsOf(release.files)
  const asked = {...look, service: release.service, release: release.release, names: [...objects.keys()]}
  const {answer, clockAheadMillis} = await ask(shell, places, asked)
  const {missing} = answer
  const missingBytes = missing.reduce((sum, name) => sum + (objects.get(name)?.bytes ?? 0), 0)
  const isThere = answer.releases.includes(release.release)
  if (!isThere || missing.length > 0)
    checkRoom(shell.host, answer, release, roomFor(release, missing, objects))
  return {missing, isThere, survey: surveyOf(answer, {missing, missingBytes, clockAheadMillis})}
}

/**
 * A look at a host by somebody who doesn't know what is in the release. Where the release is there, its contents count as
 * there, too: a place compares them anyway. @throws YardError as `surveyHost` does
 */
export async function surveyUnknown(
  shell: RemoteShell,
  places: ReleasePlaces,
  request: Omit<Look, 'names'>,
): Promise<{said: string; surveyed: Surveyed}> {
  const {answer, clockAheadMillis, said} = await ask(shell, places, {...request, names: undefined})
  const isThere = answer.releases.includes(request.release)
  const survey = surveyOf(answer, {missing: [], missingBytes: 0, clockAheadMillis})
  return {said, surveyed: {missing: [], isThere, survey}}
}

interface Look extends Omit<LookRequest, 'release'> {
  service: string
  release: number
  /** Of the contents that are looked for; undefined to be told what is written down of the release. */
  names: readonly string[] | undefined
}

async function ask(
  shell: RemoteShell,
  places: ReleasePlaces,
  {names, neededReleases, needs, ...call}: Look,
): Promise<{answer: SurveyAnswer; clockAheadMillis: number; said: string}> {
  const {stdout} = await runReleaseScript(shell, places, 'survey', {
    ...call,
    args: [
      neededReleases === 'all' ? '0' : String(keptReleases),
      neededReleases === 'all' ? '' : neededReleases.join(' '),
      places.hostScript,
      names === undefined ? 'told' : '',
      ...needs,
    ],
    input: [...(names ?? [])]
      .sort()
      .map((name) => `${name}\n`)
      .join(''),
    deadlineMillis,
  })
  const answer = readSurvey(stdout, new Set(names))
  const now = Date.now()
  if (answer === undefined) throw unreadable(shell.host)
  checkHostScript(shell.host, places, answer)
  return {answer, clockAheadMillis: answer.clockMillis - now, said: stdout}
}

function surveyOf(
  answer: SurveyAnswer,
  {
    missing,
    missingBytes,
    clockAheadMillis,
  }: {missing: readonly string[]; missingBytes: number; clockAheadMillis: number},
): HostSurvey {
  return {
    missingFiles: missing.length,
    missingBytes,
    freeBytes: answer.freeBytes,
    missingPrograms: answer.lacking,
    takenPorts: answer.ports,
    releases: answer.releases,
    removed: answer.removed,
    clockAheadMillis,
  }
}

interface Room {
  bytes: number
  files: number
}

/** Blocks of 4 kB, whatever is in them; links take none. */
function roomFor(release: ReleaseManifest, missing: string[], objects: ReturnType<typeof objectsOf>): Room {
  const blocks = (bytes: number) => Math.ceil(bytes / 4096) * 4096
  const contents = missing.reduce((sum, name) => sum + blocks(objects.get(name)?.bytes ?? 0), 0)
  const directories = directoriesOf(release.files).length + 3
  const others = release.files.filter(
    (file) => file.kind === 'link' || (file.kind === 'file' && file.bytes === 0),
  )
  const listed = blocks(release.files.length * 400)
  return {
    bytes: Math.ceil((contents + directories * 4096 + listed) * 1.1) + spareBytes,
    files: missing.length + directories + others.length + spareFiles,
  }
}

function checkRoom(host: string, answer: SurveyAnswer, release: ReleaseManifest, needed: Room): void {
  const {freeBytes, freeFiles} = answer
  const isShortOfFiles = freeFiles !== undefined && freeFiles < needed.files
  if (freeBytes >= needed.bytes && !isShortOfFiles) return
  const why =
    freeBytes < needed.bytes
      ? `it needs ${megabytes(needed.bytes)} and ${megabytes(freeBytes)} are free`
      : `it needs ${needed.files} files more, and the disk has room for ${freeFiles ?? 0}`
  throw new YardError('E_DISK_FULL', {
    what: `${release.service} r${release.release} has no room on ${host}`,
    why,
    next: ['df -h /srv/yard; df -i /srv/yard   # there', 'free some space and run the command again'],
    details: {host, neededBytes: needed.bytes, freeBytes, neededFiles: needed.files, freeFiles},
  })
}

function checkHostScript(
  host: string,
  {hostScriptDigest}: ReleasePlaces,
  {scriptDigest}: SurveyAnswer,
): void {
  if (hostScriptDigest === undefined || scriptDigest === hostScriptDigest) return
  const why =
    scriptDigest === undefined
      ? 'what yard needs there is missing'
      : 'what yard put there is of another version than this yard'
  throw notSetUp(`Can't deploy to ${host}`, host, why)
}

function unreadable(host: string): YardError {
  return new YardError('E_HOST_UNREACHABLE', {
    what: `Can't look at the releases on ${host}`,
    why: 'its answer is not one that yard understands',
    next: ['ssh there and look', `yard host setup ${host} --check`],
    details: {host, step: 'survey'},
  })
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 ** 2)} MB`
}
