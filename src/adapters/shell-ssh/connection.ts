import {type Client} from 'ssh2'

/** A connection that is logged in. */
export class Connection {
  isLost = false
  /** It was given up because nothing was heard of the machine any more. */
  wentSilent = false
  /** Whether the login shell tells the numbers of processes, so that they can be ended. */
  tellsNumbers = true
  private readonly listeners = new Set<() => void>()

  constructor(readonly client: Client) {
    client.on('error', ({level}: Error & {level?: string}) => {
      if (level === 'client-timeout') this.wentSilent = true
    })
    client.on('close', () => {
      this.isLost = true
      for (const tell of [...this.listeners]) tell()
      this.listeners.clear()
    })
  }

  /** Tells once when it broke or was closed. Returns what takes the wish back. */
  onLost(tell: () => void): () => void {
    this.listeners.add(tell)
    return () => this.listeners.delete(tell)
  }
}
