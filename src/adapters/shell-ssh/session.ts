import {type ClientChannel} from 'ssh2'

import {type Connection} from './connection.js'

/** Why a program surely didn't start. */
export type Unbegun =
  /** The sshd opens no more sessions at the moment, or none at all. */
  | 'refused'
  /** The connection had ended before. */
  | 'gone'

/** Why there is no program to look after. */
export type Unstarted =
  | Unbegun
  /** The connection ended on the way. */
  | 'lost'
  /** No answer in time. */
  | 'timed-out'

/** Asks the sshd to run a line of shell. `begin` is called at once, so that nothing of what the channel tells is missed. */
export function openSession<T extends object>(
  connection: Connection,
  line: string,
  deadlineMillis: number,
  begin: (channel: ClientChannel) => T,
): Promise<T | Unstarted> {
  return new Promise((resolve) => {
    let isOver = false
    const finish = (opened: T | Unstarted) => {
      isOver = true
      clearTimeout(timer)
      forget()
      resolve(opened)
    }
    const timer = setTimeout(() => finish('timed-out'), deadlineMillis)
    // ssh2 tells that the connection ended before it tells that there is no channel.
    const forget = connection.onLost(() => finish('lost'))
    try {
      connection.client.exec(line, (error, channel) => {
        if (error !== undefined) finish('refused')
        else if (isOver) channel.close()
        else finish(begin(channel))
      })
    } catch {
      finish('gone')
    }
  })
}
