import {spawn} from 'node:child_process'
import {randomBytes} from 'node:crypto'
import {closeSync, openSync, readFileSync, rmSync} from 'node:fs'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'

import {type ProcessSpec} from '../../contracts/process-manager.js'
import {sourceFileName} from '../../domain/logs/parts.js'
import {type Secret} from '../../domain/secret.js'
import {type KeeperLimits, type KeptSpec, usualLimits, writeWhole} from './records.js'
import {secretsText} from './secrets-pipe.js'

export interface KeeperLaunch {
  keeper: readonly [string, ...string[]]
  baseVariables: Readonly<Record<string, string>>
  limits?: Partial<KeeperLimits>
}

const pollMillis = 10
const errorFileName = 'keeper-errors.log'

/**
 * Starts a detached keeper and waits until `isUp` or the keeper has ended, which it does when another one was first.
 * The specification goes through a file of its own: arguments can be seen by everybody on the machine. Secrets go over a
 * pipe, and are in no file either.
 * @throws Error with what the keeper said when it broke, and whatever asking for the secrets throws.
 */
export async function launchKeeper(
  launch: KeeperLaunch,
  directory: string,
  spec: ProcessSpec,
  isUp: () => boolean,
): Promise<void> {
  const {secrets: open, ...plain} = spec
  const secrets = await open?.()
  const specName = `next-${randomBytes(8).toString('hex')}.json`
  const kept: KeptSpec = {
    ...plain,
    variables: {...launch.baseVariables, ...spec.variables},
    limits: {...usualLimits, ...launch.limits},
    hasSecrets: secrets !== undefined,
  }
  writeWhole(path.join(directory, sourceFileName), JSON.stringify({id: spec.id, labels: spec.labels}))
  writeWhole(path.join(directory, specName), JSON.stringify(kept))
  const ended = spawnDetached(launch, directory, specName, secrets)
  let exit: KeeperExit | undefined
  void ended.then((code) => (exit = code))
  while (!isUp() && exit === undefined) await sleep(pollMillis)
  if (exit?.isFailure === true) {
    rmSync(path.join(directory, specName), {force: true})
    throw new Error(`the keeper of ${spec.id} ended: ${exit.reason} ${said(directory)}`.trim())
  }
}

interface KeeperExit {
  isFailure: boolean
  reason: string
}

/** 0: it was stopped at once; 3: it was not needed. */
const expectedExitCodes: readonly (number | null)[] = [0, 3]

function spawnDetached(
  launch: KeeperLaunch,
  directory: string,
  specName: string,
  secrets: Readonly<Record<string, Secret>> | undefined,
): Promise<KeeperExit> {
  const [file, ...first] = launch.keeper
  const errors = openSync(path.join(directory, errorFileName), 'w', 0o600)
  const keeper = spawn(file, [...first, directory, specName], {
    cwd: '/',
    env: launch.baseVariables,
    detached: true,
    stdio: [secrets === undefined ? 'ignore' : 'pipe', 'ignore', errors],
  })
  closeSync(errors)
  if (secrets !== undefined) {
    // A keeper that isn't needed ends without reading.
    keeper.stdin?.on('error', () => undefined)
    keeper.stdin?.end(secretsText(secrets))
  }
  keeper.unref()
  return new Promise((resolve) => {
    keeper.once('error', (error) => resolve({isFailure: true, reason: error.message}))
    keeper.once('exit', (code, signal) => {
      // A keeper that somebody killed is no failure of its own: the next look decides.
      const isFailure = signal === null && !expectedExitCodes.includes(code)
      resolve({isFailure, reason: signal ?? `exit ${code}`})
    })
  })
}

function said(directory: string): string {
  try {
    return readFileSync(path.join(directory, errorFileName), 'utf8').slice(0, 2_000)
  } catch {
    return ''
  }
}
