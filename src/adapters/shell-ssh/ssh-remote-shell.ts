import {setTimeout as sleep} from 'node:timers/promises'

import {
  type RemoteCommand,
  type RemoteProgram,
  type RemoteResult,
  type RemoteShell,
  type RemoteStreamCommand,
  type RemoteStreamOptions,
} from '../../contracts/remote-shell.js'
import {type Endpoint} from '../../domain/routing.js'
import {connect} from './connect.js'
import {Connection} from './connection.js'
import {type Destination, resolveDestination} from './destination.js'
import {unreachable} from './failures.js'
import {KeptShell} from './kept-shell.js'
import {runOn} from './remote-run.js'
import {streamOn} from './remote-stream.js'
import {type Unbegun} from './session.js'
import {type RemoteShellSettings} from './settings.js'
import {Silence} from './silence.js'
import {Slots} from './slots.js'
import {askOn, questionInPerl, type SocketAnswer} from './socket-question.js'
import {Tunnels} from './tunnels.js'

/** sshd opens ten sessions on a connection (`MaxSessions`) unless it was told otherwise; one is kept, and one is left to others. */
const channelsAtOnce = 8
const goodbyeMillis = 500
/** How long an sshd with fewer sessions is waited for, and how often it is asked. */
const refusedMillis = 5_000
const refusedPauseMillis = 100

/**
 * One machine over SSH. Connects when it's first asked for something, keeps the connection for all that follows, and
 * makes a new one when that broke. Nothing is done on a machine whose key isn't known.
 */
export class SshRemoteShell implements RemoteShell {
  readonly host: string
  private readonly channels = new Slots(channelsAtOnce)
  private readonly kept = new KeptShell()
  private readonly tunnels: Tunnels
  private readonly silence = new Silence()
  private destination: Destination | undefined
  private connecting: Promise<Connection> | undefined
  private current: Connection | undefined
  private isClosed = false
  /** How often in a row its sshd opened no socket although somebody listens there. */
  private refusals = 0
  private learned: string | undefined

  constructor(private readonly settings: RemoteShellSettings) {
    this.host = settings.host
    this.tunnels = new Tunnels(settings.host, () => this.connection())
  }

  /** The key of the machine, when it was taken although nobody knew it: pin it. */
  get newHostKey(): string | undefined {
    return this.learned
  }

  run(command: RemoteCommand): Promise<RemoteResult> {
    const {kept} = this
    return this.channels.use(() =>
      this.begin((connection) =>
        kept.takes(command) ? kept.run(connection, command) : runOn(connection, command),
      ),
    )
  }

  stream(command: RemoteStreamCommand, options: RemoteStreamOptions = {}): Promise<RemoteProgram> {
    return new Promise((resolve, reject) => {
      const started = async () => {
        const program = await this.begin((connection) => streamOn(connection, command, options))
        if (typeof program === 'string') throw this.unreachable(whyUnstarted[program])
        resolve(program)
        // Its slot is free again when it has ended.
        await program.ended.catch(() => undefined)
      }
      this.channels.use(started).catch(reject)
    })
  }

  forward(endpoint: Endpoint): Promise<Endpoint> {
    return this.tunnels.open(endpoint)
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
    if (answer?.kind === 'lost') throw this.unreachable(whyUnstarted.lost)
    const {outcome, stdout} = await this.run(questionInPerl(path, line, options))
    if (outcome === 'lost') throw this.unreachable(whyUnstarted.lost)
    if (outcome !== 'succeeded') return undefined
    this.refusals += 1
    return stdout
  }

  async close(): Promise<void> {
    this.isClosed = true
    this.tunnels.close()
    const connection = await this.connecting?.catch(() => undefined)
    if (connection === undefined || connection !== this.current) return
    const {client} = connection
    await new Promise<void>((resolve) => {
      // A machine that went silent never says goodbye.
      const timer = setTimeout(() => {
        client.destroy()
        resolve()
      }, goodbyeMillis)
      connection.onLost(() => {
        clearTimeout(timer)
        resolve()
      })
      client.end()
    })
  }

  /** A connection may have died since it was last used; what surely didn't start is tried on another one. */
  private async begin<T>(start: (connection: Connection) => Promise<T | Unbegun>): Promise<T> {
    const givesUpAt = performance.now() + refusedMillis
    for (let lost = 0; lost < 2 && performance.now() < givesUpAt;) {
      const connection = await this.connection()
      const started = await start(connection)
      if (started !== 'refused' && started !== 'gone') return started
      if (started === 'gone') {
        lost += 1
        this.forget(connection)
      } else {
        // One that allows fewer sessions than usual has room once another program has ended.
        await Promise.all([this.kept.release(), sleep(refusedPauseMillis)])
      }
    }
    throw this.unreachable('it opens no session')
  }

  private connection(): Promise<Connection> {
    if (this.isClosed) return Promise.reject(this.unreachable('the connection is closed'))
    const {fault} = this.silence
    if (fault !== undefined && this.connecting === undefined) return Promise.reject(fault)
    this.connecting ??= this.connect()
    return this.connecting
  }

  private async connect(): Promise<Connection> {
    const began = performance.now()
    try {
      const destination = await resolveDestination(this.settings)
      this.destination = destination
      const pinned = this.learned === undefined ? this.settings.pinnedKeys : [this.learned]
      const {connectMillis = this.settings.connectMillis} = this.silence
      const settings = {...this.settings, pinnedKeys: pinned, connectMillis}
      const {client, newKey} = await connect(settings, destination, () => !this.isClosed)
      this.learned ??= newKey
      this.silence.isOver()
      const connection = new Connection(client)
      connection.onLost(() => {
        if (connection.wentSilent) this.silence.loses()
        this.forget(connection)
      })
      this.current = connection
      return connection
    } catch (error) {
      this.connecting = undefined
      this.silence.remember(error, began)
      throw error
    }
  }

  private forget(connection: Connection): void {
    if (this.current !== connection) return
    this.current = undefined
    if (!this.isClosed) this.connecting = undefined
    connection.client.destroy()
  }

  private async ask(
    path: string,
    line: string,
    options: {halfClose: boolean; deadlineMillis: number},
  ): Promise<SocketAnswer> {
    const connection = await this.connection()
    const answer = await askOn(connection, path, line, options)
    if (answer.kind === 'lost') this.forget(connection)
    return answer
  }

  private unreachable(why: string): ReturnType<typeof unreachable> {
    return unreachable(this.host, this.destination, why)
  }
}

const whyUnstarted = {lost: 'the connection broke', 'timed-out': "it doesn't answer in time"} as const
