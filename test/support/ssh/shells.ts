import {afterEach} from '@jest/globals'

import {type RemoteShellSettings, SshRemoteShell} from '../../../src/adapters/shell-ssh/index.js'
import {type Sshd} from './sshd.js'

/** Opens shells that are closed after each test. Call it where tests are described. */
export function shellsOf(
  sshd: () => Sshd,
): (changes?: Partial<RemoteShellSettings>, from?: Sshd) => SshRemoteShell {
  const shells: SshRemoteShell[] = []
  afterEach(async () => {
    await Promise.all(shells.splice(0).map((shell) => shell.close()))
  })
  return (changes = {}, from = sshd()) => {
    const shell = new SshRemoteShell(from.settings(changes))
    shells.push(shell)
    return shell
  }
}

/** Polls until it's so. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  millis = 15_000,
): Promise<void> {
  const deadline = Date.now() + millis
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`not within ${millis} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
