import {type HostFence} from '../../contracts/instance-host.js'
import {type RemoteCommand, type RemoteResult, type RemoteShell} from '../../contracts/remote-shell.js'
import {isName} from '../../domain/names.js'
import {YardError} from '../../errors.js'
import {fencedExit, forgettingFences} from './fence-script.js'
import {type ReleasePlaces} from './release-places.js'
import {asOwner, releaseScripts, scriptExits} from './release-scripts.js'

export type ReleaseScript = keyof typeof releaseScripts

export interface ReleaseCall {
  /** Undefined for what changes nothing. */
  fence: HostFence | undefined
  service: string
  release: number
  args: readonly string[]
  input: NonNullable<RemoteCommand['input']>
  deadlineMillis: number
}

/**
 * Runs a script there. What it found is the caller's to judge: exit codes of `scriptExits` are returned.
 * @throws YardError E_FENCED, E_HOST_SETUP, E_DISK_FULL, E_PERMISSION, E_HOST_UNREACHABLE
 */
export async function runReleaseScript(
  shell: RemoteShell,
  places: ReleasePlaces,
  script: ReleaseScript,
  call: ReleaseCall,
): Promise<RemoteResult> {
  const {deadlineMillis, input} = call
  const result = await shell.run({
    ...releaseCommand(places, script, call),
    input,
    deadlineMillis,
    isOneOfMany: script !== 'place',
  })
  const judged: readonly (number | undefined)[] = [
    scriptExits.differs,
    scriptExits.unlike,
    scriptExits.vanished,
  ]
  if (result.outcome === 'succeeded' || judged.includes(result.exitCode)) return result
  throw scriptFault(shell.host, script, result, call)
}

export function releaseCommand(
  places: ReleasePlaces,
  script: ReleaseScript,
  {args, fence, release, service}: Omit<ReleaseCall, 'input' | 'deadlineMillis'>,
): Pick<RemoteCommand, 'file' | 'args'> {
  const names = [service, ...(fence === undefined ? [] : [fence.environment, fence.service])]
  if (!names.every(isName)) throw new Error('a name that is none')
  return {
    file: 'sh',
    args: [
      '-c',
      asOwner,
      `yard-${script}`,
      releaseScripts[script],
      places.releases,
      service,
      fence === undefined ? '' : `${places.fences}/${fence.environment}/${fence.service}`,
      String(fence?.number ?? 0),
      String(release),
      ...args,
    ],
  }
}

/** What a script said that neither succeeded nor found what it was told to look for. */
export function scriptFault(
  host: string,
  script: ReleaseScript,
  result: RemoteResult,
  call: Omit<ReleaseCall, 'input'>,
): YardError {
  const {fence, deadlineMillis, service} = call
  const said = lastLine(result.stderr)
  const details = {host, step: script, ...(said !== undefined && {said})}
  const what = `Can't ${purposeOf(script, call)} ${host}`
  const again = ['run the command again'] as [string]
  if (result.exitCode === fencedExit && fence !== undefined) {
    const number = /^fenced (\d{1,20})$/m.exec(result.stdout)?.[1]
    return new YardError('E_FENCED', {
      what,
      why: `somebody took the lock of ${service} after this command did`,
      next: [`yard status --env ${fence.environment}`, forgettingFences],
      details: {...details, number: fence.number, ...(number !== undefined && {seen: Number(number)})},
    })
  }
  if (result.exitCode === scriptExits.notSetUp)
    return notSetUp(what, host, 'it has no place for releases yet')
  if (result.outcome === 'timed-out' || result.outcome === 'lost') {
    const why =
      result.outcome === 'lost' ? 'the connection broke' : `it didn't end within ${deadlineMillis / 1000} s`
    return new YardError('E_HOST_UNREACHABLE', {what, why, next: again, details})
  }
  if (/No space left on device|Disk quota exceeded/.test(result.stderr)) {
    return new YardError('E_DISK_FULL', {
      what,
      why: 'the disk that holds /srv/yard there is full',
      next: ['df -h /srv/yard; df -i /srv/yard   # there'],
      details,
    })
  }
  if (/Permission denied|Operation not permitted|Read-only file system/.test(result.stderr)) {
    return new YardError('E_PERMISSION', {
      what,
      why: said ?? 'this user may not',
      next: [`yard host setup ${host}`, 'ls -ld /srv/yard /var/lib/yard/fences   # there'],
      details,
    })
  }
  const end =
    result.signal === undefined ? `exit code ${result.exitCode ?? 'none'}` : `killed by ${result.signal}`
  return new YardError('E_HOST_UNREACHABLE', {
    what,
    why: `${said ?? 'its shell said nothing'} (${end})`,
    next: ['ssh there and look', ...again],
    details: {...details, ...(result.signal !== undefined && {signal: result.signal})},
  })
}

function purposeOf(
  script: ReleaseScript,
  {release, service}: Pick<ReleaseCall, 'release' | 'service'>,
): string {
  if (script === 'survey' || script === 'recall') return 'look at the releases on'
  if (script === 'fetch') return `get files of ${service} from`
  return `bring ${service} r${release} to`
}

export function notSetUp(what: string, host: string, why: string): YardError {
  return new YardError('E_HOST_SETUP', {
    what,
    why,
    next: [`yard host setup ${host}`, `yard host setup ${host} --check`],
    details: {host},
  })
}

function lastLine(text: string): string | undefined {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .at(-1)
    ?.slice(0, 500)
}
