import {type RemoteResult, type RemoteShell} from '../../contracts/remote-shell.js'
import {hostCommand, hostExits, isHostUnready} from '../../domain/host-unit.js'
import {YardError} from '../../errors.js'
import {forgettingFences} from './fence-script.js'

/** Runs it to its end and returns its output. @throws YardError as `hostFault` says */
export async function askHost(
  shell: RemoteShell,
  step: string,
  args: readonly string[],
  deadlineMillis: number,
): Promise<string> {
  const result = await shell.run({...hostCommand(args), deadlineMillis})
  if (result.outcome === 'succeeded') return result.stdout
  throw hostFault(shell.host, step, result)
}

/**
 * Why the program didn't do what it was asked for: E_FENCED, E_HOST_SETUP, E_HOST_UNREACHABLE, E_DISK_FULL or, when it's
 * systemd that didn't, E_STEP_FAILED.
 * @param step for people: `start`
 */
export function hostFault(host: string, step: string, result: RemoteResult): YardError {
  const lines = result.stderr.split('\n').filter((line) => line.trim() !== '')
  const said = lines.at(-1)?.slice(0, 500)
  const details = {host, step, ...(said !== undefined && {said})}
  const what = `Can't ${step} instances on ${host}`
  if (result.outcome === 'lost' || result.outcome === 'timed-out') {
    const why = result.outcome === 'lost' ? 'the connection broke' : "it didn't answer in time"
    return new YardError('E_HOST_UNREACHABLE', {what, why, next: ['run the command again'], details})
  }
  const [, number] = /^fenced (\d+)$/m.exec(result.stderr) ?? []
  if (result.exitCode === hostExits.fenced && number !== undefined) {
    return new YardError('E_FENCED', {
      what,
      why: 'a later deploy of the service was there',
      next: ['yard status', 'run the command again if it is still wanted', forgettingFences],
      details: {...details, seen: Number(number)},
    })
  }
  if (result.exitCode === hostExits.noRelease) {
    const release = /^absent (\S+)$/m.exec(result.stderr)?.[1] ?? 'the release'
    return new YardError('E_STEP_FAILED', {
      what,
      why: `${release} is not there`,
      next: ['yard deploy   # brings it there again'],
      details,
    })
  }
  if (/No space left on device|Disk quota exceeded/.test(result.stderr)) {
    const next: [string] = ['df -h /run /var/lib /etc   # there']
    return new YardError('E_DISK_FULL', {what, why: 'the disk is full', next, details})
  }
  if (isHostUnready(result)) {
    return new YardError('E_HOST_SETUP', {
      what,
      why: said ?? 'what yard puts there is missing',
      next: [`yard host setup ${host}`],
      details,
    })
  }
  const end = result.signal === undefined ? `exit code ${result.exitCode ?? 'none'}` : result.signal
  return new YardError('E_STEP_FAILED', {
    what,
    why: whyUnstarted(lines) ?? `${said ?? 'it said nothing'} (${end})`,
    next: ['journalctl --unit="yard-*" --lines=50   # there', 'run the command again'],
    details,
  })
}

function whyUnstarted(lines: readonly string[]): string | undefined {
  const names = lines.flatMap((line) => {
    const [, unit, result] = /^unstarted yard-(\S+) ([a-z-]+)$/.exec(line) ?? []
    return unit === undefined || result === undefined ? [] : [`${unit} (${result})`]
  })
  if (names.length > 0) return `systemd doesn't start ${names.join(', ')}`
  const [, units] = lines.map((line) => /^unended (.+)$/.exec(line)).find((match) => match !== null) ?? []
  return units === undefined ? undefined : `not even SIGKILL ends ${units.replace(/yard-|\.service/g, '')}`
}
