import {type RemoteResult} from '../../contracts/remote-shell.js'
import {type SetupStep} from '../../domain/host-setup.js'
import {setupStepText} from '../../domain/setup-step-text.js'
import {YardError} from '../../errors.js'

/** For somebody who can't become root there. */
export function notBecome(host: string, said: string): YardError {
  return new YardError('E_PERMISSION', {
    what: `Can't become root on ${host}`,
    why: whyNotRoot(said),
    next: [
      `yard host setup ${host} --login root`,
      'echo "$USER ALL=(ALL) NOPASSWD: ALL" | sudo tee /etc/sudoers.d/90-setup   # there; remove it after the setup',
    ],
    details: {host},
  })
}

function whyNotRoot(said: string): string {
  if (/no sudo/.test(said)) return 'sudo is not installed there, and another user than root logs in'
  if (/a password is required|no password was provided/.test(said)) {
    return 'sudo wants a password there, and yard types none'
  }
  if (/not (?:in the sudoers file|allowed to)|may not run sudo/.test(said)) {
    return 'sudo does not let who logs in become root there'
  }
  if (/must have a tty/.test(said)) return 'sudo wants a terminal there (requiretty)'
  return `sudo says: ${said.trim().split('\n').at(-1)?.slice(0, 300) ?? 'nothing'}`
}

/** Nobody knows how far it came: done again, it does the rest. */
export function brokenOff(host: string, outcome: 'lost' | 'timed-out', deadlineMillis: number): YardError {
  return new YardError('E_HOST_UNREACHABLE', {
    what: `Can't tell what became of the setup of ${host}`,
    why: outcome === 'lost' ? 'the connection broke' : `it didn't end within ${deadlineMillis / 1000} s`,
    next: ['run the command again: it does what is left', `yard host setup ${host} --check`],
    details: {host},
  })
}

export function stepFailed(host: string, step: SetupStep | undefined, result: RemoteResult): YardError {
  const said = result.stderr
    .split('\n')
    .filter((line) => line.trim() !== '')
    .at(-1)
    ?.slice(0, 500)
  const doing = step === undefined ? 'a step' : setupStepText(step)
  const end =
    result.signal === undefined ? `exit code ${result.exitCode ?? 'none'}` : `killed by ${result.signal}`
  const details = {host, step: doing, ...(said !== undefined && {said})}
  const next: [string, ...string[]] = ['run the command again: it does what is left', 'ssh there and look']
  if (/No space left on device|Disk quota exceeded/.test(result.stderr)) {
    const why = `the disk is full (${doing})`
    return new YardError('E_DISK_FULL', {
      what: `Can't make ${host} ready`,
      why,
      next: ['df -h   # there'],
      details,
    })
  }
  const why = `this doesn't work there: ${doing}: ${said ?? 'it said nothing'} (${end})`
  return new YardError('E_HOST_SETUP', {what: `Can't make ${host} ready`, why, next, details})
}
