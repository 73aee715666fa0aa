import {YardError} from '../../errors.js'
import {type Destination} from './destination.js'
import {type Credentials} from './identities.js'
import {type RemoteShellSettings} from './settings.js'

export function unreachable(host: string, destination: Destination | undefined, why: string): YardError {
  const place = destination === undefined ? '' : ` (${destination.address}, port ${destination.port})`
  return new YardError('E_HOST_UNREACHABLE', {
    what: `Can't reach ${host}${place} over SSH`,
    why,
    next: [
      destination === undefined
        ? 'run the command again'
        : `ssh -p ${destination.port} ${destination.user}@${destination.address} true   # says more`,
      'run the command again',
    ],
    details: {host},
  })
}

export function notLetIn(
  host: string,
  {address, port, user}: Destination,
  credentials: Credentials,
): YardError {
  const {left, offered} = credentials
  const shown = offered.length === 0 ? 'there is no key to show' : `it accepts none of: ${offered.join(', ')}`
  return new YardError('E_HOST_AUTH', {
    what: `${host} doesn't let ${user} in`,
    why: [shown, ...left].join('; '),
    next: [
      `ssh-copy-id -p ${port} ${user}@${address}   # as somebody who may log in there`,
      'ssh-add   # loads your key into the agent',
      'set ssh.user and ssh.identityFile in yard.yaml',
    ],
    details: {host, user, offered, left},
  })
}

/** Why a host key isn't taken. */
export type KeyVerdict = 'unknown' | 'changed' | 'revoked' | 'other-type' | 'unreadable'

export function keyRefused(
  {acceptingCommand = 'yard push --accept-new-host-key', host}: RemoteShellSettings,
  {knownAs, port, address}: Destination,
  verdict: KeyVerdict,
  details: {shown: string | undefined; pinned: boolean; unreadable: string | undefined},
): YardError {
  const source = details.pinned ? 'the catalog' : 'known_hosts'
  const reasons: Record<KeyVerdict, string> = {
    unknown: 'nothing is known of its key yet',
    changed: `it shows another key than the one in ${source}: it was set up anew, or somebody sits in between`,
    revoked: 'its key is marked as revoked in known_hosts',
    'other-type': `it has no key of the type that ${source} has of it`,
    unreadable: `${details.unreadable ?? 'known_hosts'}, which may know its key, can't be read`,
  }
  const next: Record<KeyVerdict, [string, ...string[]]> = {
    unknown: [
      `${acceptingCommand}   # on a network that you trust`,
      `ssh-keyscan -p ${port} ${address}   # shows its keys; compare them with what its console says`,
    ],
    changed: changedNext(host, knownAs, details.pinned),
    revoked: ['give the machine a new key: ssh-keygen -A, there'],
    'other-type': changedNext(host, knownAs, details.pinned),
    unreadable: [`ls -l ${details.unreadable ?? '~/.ssh/known_hosts'}`],
  }
  return new YardError('E_HOST_KEY', {
    what: `Can't trust ${host}`,
    why: reasons[verdict],
    next: next[verdict],
    details: {host, verdict, ...(details.shown !== undefined && {shown: details.shown})},
  })
}

function changedNext(host: string, knownAs: string, isPinned: boolean): [string, ...string[]] {
  const forget = isPinned
    ? `yard hosts remove ${host}   # once you know that the machine is new; then add it and set it up again`
    : `ssh-keygen -R '${knownAs}'   # once you know that the machine is new`
  return ['ask who runs the machine', forget]
}
