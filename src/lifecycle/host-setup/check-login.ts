import {type Host} from '../../domain/environment.js'
import {deployAccount} from '../../domain/host-setup.js'
import {hostProgram} from '../../domain/host-unit.js'
import {YardError} from '../../errors.js'
import {type HostSetupNeeds} from './needs.js'

export interface ShownKeys {
  /** What the machine's files say of its sshd. */
  keys: readonly string[]
  /** What its sshd showed, when nobody knew it before. */
  newKey: string | undefined
}

/**
 * Logs in as whoever brings releases will, and tries what they may. Returns the keys to pin: those of the machine's
 * files, if its sshd is the one that has them.
 * @throws YardError E_HOST_AUTH, E_HOST_SETUP, E_HOST_UNREACHABLE, E_HOST_KEY
 */
export async function checkLogin(
  needs: HostSetupNeeds,
  host: Host,
  {keys, newKey}: ShownKeys,
): Promise<string[]> {
  if (host.sshKeys !== undefined) {
    await tryLogin(needs, host)
    return []
  }
  if (keys.length > 0) {
    try {
      await tryLogin(needs, {...host, sshKeys: [...keys]})
      return [...keys]
    } catch (error) {
      if (!(error instanceof YardError) || error.code !== 'E_HOST_KEY') throw error
    }
  }
  await tryLogin(needs, newKey === undefined ? host : {...host, sshKeys: [newKey]})
  return newKey === undefined ? [] : [newKey]
}

async function tryLogin(needs: HostSetupNeeds, host: Host): Promise<void> {
  needs.signal.throwIfAborted()
  const opened = await needs.openHost(host, {user: deployAccount.name, acceptsNewKey: false})
  try {
    if (await opened.setup.mayRun(hostProgram)) return
  } catch (error) {
    throw error instanceof YardError && error.code === 'E_HOST_AUTH' ? notLetIn(host, error) : error
  } finally {
    await opened.close()
  }
  throw new YardError('E_HOST_SETUP', {
    what: `Can't work on ${host.name} as ${deployAccount.name}`,
    why: `sudo doesn't let it run ${hostProgram}`,
    next: [`sudo -l -U ${deployAccount.name}   # there`],
    details: {host: host.name},
  })
}

function notLetIn(host: Host, {why}: YardError): YardError {
  return new YardError('E_HOST_AUTH', {
    what: `${host.name} is set up, and doesn't let ${deployAccount.name} in yet`,
    why,
    next: [
      `yard host setup ${host.name} --env ${host.environment} --authorized-key ~/.ssh/id_ed25519.pub`,
      `grep -E 'AllowUsers|AllowGroups|AuthorizedKeysFile' /etc/ssh/sshd_config   # there: is ${deployAccount.name} let in?`,
    ],
    details: {host: host.name, user: deployAccount.name},
  })
}
