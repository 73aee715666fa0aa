import {execFile} from 'node:child_process'

import {type HaproxyProcess} from '../../contracts/router-host.js'
import {YardError} from '../../errors.js'

import {type Caretaker} from './caretaker.js'

export interface UnitCare {
  kind: 'unit'
  /** Such as `yard-haproxy.service`. */
  unit: string
}

const deadlineMillis = 10_000

/**
 * HAProxy as a systemd unit. Another unit starts it when its configuration appears, and systemd starts it again, so none
 * of this takes rights; only to stop it does.
 */
export class UnitHaproxy implements Caretaker {
  constructor(
    private readonly care: UnitCare,
    private readonly masterPid: () => Promise<number | undefined>,
  ) {}

  async start(): Promise<void> {
    // Allowed or not: its path unit sees the configuration as well.
    await run('systemctl', ['--no-ask-password', '--no-block', 'start', this.care.unit])
  }

  /** Where systemd can't be asked, a master process that lives is all there is to know. */
  async process(): Promise<HaproxyProcess & {pid?: number}> {
    const properties = 'ActiveState,MainPID,NRestarts,Result'
    const {stdout, isDone} = await run('systemctl', ['show', `--property=${properties}`, this.care.unit])
    const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(stdout)?.[1] ?? ''
    const pid = isDone ? Number(value('MainPID')) : await this.masterPid()
    const isRunning = pid !== undefined && pid > 0
    return {
      isRunning,
      restarts: Number(value('NRestarts')) || 0,
      ...(isRunning && {pid}),
      ...(/^(?!success$)[a-z-]+$/.test(value('Result')) && {lastExit: value('Result')}),
    }
  }

  async stop(): Promise<void> {
    // By itself it would be started again at once.
    const units = [this.care.unit.replace(/\.service$/, '.path'), this.care.unit]
    const {isDone, stderr} = await run('systemctl', ['--no-ask-password', 'stop', ...units])
    if (isDone) return
    throw new YardError('E_PERMISSION', {
      what: `Can't stop ${this.care.unit}`,
      why: stderr.split('\n')[0] ?? 'systemd does not allow it',
      next: [`sudo systemctl stop ${units.join(' ')}`],
    })
  }

  async lastLines(): Promise<string[]> {
    const {stdout, isDone} = await run('journalctl', [
      ...['--quiet', '--no-pager', '--output=cat', '--lines=20', `--unit=${this.care.unit}`],
    ])
    return isDone ? stdout.split('\n').filter((line) => line !== '') : []
  }
}

function run(
  file: string,
  args: readonly string[],
): Promise<{isDone: boolean; stdout: string; stderr: string}> {
  return new Promise((resolve) => {
    execFile(file, [...args], {timeout: deadlineMillis}, (error, stdout, stderr) => {
      resolve({isDone: error === null, stdout, stderr})
    })
  })
}
