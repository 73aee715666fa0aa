import {execFile} from 'node:child_process'

import {type ServiceNotifier} from '../../contracts/service-notifier.js'

export interface SystemdSettings {
  /** NOTIFY_SOCKET and WATCHDOG_USEC as systemd gave them; without the first, nobody is told anything. */
  socket: string | undefined
  watchdogMicros: string | undefined
  /** PATH. */
  searchPath: string
  /** Another program than the one of the system. */
  program?: string
}

const notifyMillis = 5_000
const longestStatus = 200

export class SystemdNotifier implements ServiceNotifier {
  readonly watchdogMillis: number | undefined

  constructor(private readonly settings: SystemdSettings) {
    const micros = Number(settings.watchdogMicros)
    const hasWatchdog = settings.socket !== undefined && Number.isFinite(micros) && micros > 0
    this.watchdogMillis = hasWatchdog ? Math.max(1, Math.floor(micros / 1_000)) : undefined
  }

  ready(status: string): Promise<void> {
    return this.tell('READY=1', statusOf(status))
  }

  status(status: string): Promise<void> {
    return this.tell(statusOf(status))
  }

  alive(): Promise<void> {
    return this.watchdogMillis === undefined ? Promise.resolve() : this.tell('WATCHDOG=1')
  }

  stopping(): Promise<void> {
    return this.tell('STOPPING=1')
  }

  private tell(...assignments: string[]): Promise<void> {
    const {program = 'systemd-notify', searchPath, socket} = this.settings
    if (socket === undefined || socket === '') return Promise.resolve()
    return new Promise((resolve) => {
      const env = {PATH: searchPath, NOTIFY_SOCKET: socket}
      // Who can't be told finds out by itself: systemd by its watchdog.
      execFile(program, assignments, {env, timeout: notifyMillis}, () => resolve())
    })
  }
}

/** One line: what follows a line break would be an assignment of its own. */
function statusOf(text: string): string {
  return `STATUS=${text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, longestStatus)}`
}
