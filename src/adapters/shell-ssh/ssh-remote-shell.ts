import {type Client} from 'ssh2'

import {type RemoteCommand, type RemoteResult, type RemoteShell} from '../../contracts/remote-shell.js'
import {connect} from './connect.js'
import {type Destination, resolveDestination} from './destination.js'
import {unreachable} from './failures.js'
import {runOn} from './remote-run.js'
import {type RemoteShellSettings} from './settings.js'
import {Slots} from './slots.js'
import {askOn, questionInPerl, type SocketAnswer} from './socket-question.js'

/** sshd opens ten sessions on a connection (`MaxSessions`) unless it was told otherwise; two are left to others. */
const channelsAtOnce = 8
const goodbyeMillis = 500

/**
 * One machine over SSH. Connects when it's first asked for something, keeps the connection for all that follows, and
 * makes a new one when that broke. Nothing is done on a machine whose key isn't known.
 */
export class SshRemoteShell implements RemoteShell {
  readonly host: string
  private readonly channels = new Slots(channelsAtOnce)
  private destination: Destination | undefined
  private connecting: Promise<Client> | undefined
  private current: Client | undefined
  private isClosed = false
  /** How often in a row its sshd opened no socket although somebody listens there. */
  private refusals = 0
  private learned: string | undefined

  constructor(private readonly settings: RemoteShellSettings) {
    this.host = settings.host
  }

  /** The key of the machine, when it was taken although nobody knew it: pin it. */
  get newHostKey(): string | undefined {
    return this.learned
  }

  run(command: RemoteCommand): Promise<RemoteResult> {
    return this.channels.use(async () => {
      // A connection may have died since it was last used; what surely didn't start is tried on another one.
      for (let attempt = 0; attempt < 2; attempt += 1) {
        const client = await this.client()
        const result = await runOn(client, command)
        if (result !== undefined) return result
        this.forget(client)
      }
      throw unreachable(this.host, this.destination, 'it opens no session')
    })
  }

  async askSocket(
    path: string,
    line: string,
    options: {halfClose: boolean; deadlineMillis: number},
  ): Promise<string | undefined> {
    // One refusal may have been a socket that came to be a moment later; a strict sshd refuses every time.
    const opensSockets = this.refusals < 3
    const answer = opensSockets ? await this.channels.use(() => this.ask(path, line, options)) : undefined
    if (answer?.kind === 'answered' || answer?.kind === 'silent') this.refusals = 0
    if (answer?.kind === 'answered') return answer.text
    if (answer?.kind === 'silent') return undefined
    if (answer?.kind === 'lost') throw unreachable(this.host, this.destination, 'the connection broke')
    const {outcome, stdout} = await this.run(questionInPerl(path, line, options))
    if (outcome === 'lost') throw unreachable(this.host, this.destination, 'the connection broke')
    if (outcome !== 'succeeded') return undefined
    this.refusals += 1
    return stdout
  }

  async close(): Promise<void> {
    this.isClosed = true
    const client = await this.connecting?.catch(() => undefined)
    if (client === undefined || client !== this.current) return
    await new Promise<void>((resolve) => {
      // A machine that went silent never says goodbye.
      const timer = setTimeout(() => {
        client.destroy()
        resolve()
      }, goodbyeMillis)
      client.on('close', () => {
        clearTimeout(timer)
        resolve()
      })
      client.end()
    })
  }

  private client(): Promise<Client> {
    if (this.isClosed)
      return Promise.reject(unreachable(this.host, this.destination, 'the connection is closed'))
    this.connecting ??= this.connect()
    return this.connecting
  }

  private async connect(): Promise<Client> {
    try {
      const destination = await resolveDestination(this.settings)
      this.destination = destination
      const pinned = this.learned === undefined ? this.settings.pinnedKeys : [this.learned]
      const {client, newKey} = await connect({...this.settings, pinnedKeys: pinned}, destination)
      this.learned ??= newKey
      client.setMaxListeners(2 * channelsAtOnce)
      client.on('close', () => this.forget(client))
      this.current = client
      return client
    } catch (error) {
      this.connecting = undefined
      throw error
    }
  }

  private forget(client: Client): void {
    if (this.current !== client) return
    this.current = undefined
    if (!this.isClosed) this.connecting = undefined
    client.destroy()
  }

  private async ask(
    path: string,
    line: string,
    options: {halfClose: boolean; deadlineMillis: number},
  ): Promise<SocketAnswer> {
    const client = await this.client()
    const answer = await askOn(client, path, line, options)
    if (answer.kind === 'lost') this.forget(client)
    return answer
  }
}
