import {type Endpoint} from '../domain/routing.js'

/** Runs programs and moves bytes on one other machine. One connection serves all; nothing is ever put into a shell's text unquoted. */
export interface RemoteShell {
  /** For people: the name of the host. */
  readonly host: string
  /** Arguments reach the program as they are. @throws YardError E_HOST_UNREACHABLE, E_HOST_KEY, E_HOST_AUTH */
  run(command: RemoteCommand): Promise<RemoteResult>
  /**
   * Starts a program and stays in touch with it. What it reads and writes goes through as it comes; whoever is slower
   * makes the other wait. @throws YardError E_HOST_UNREACHABLE, E_HOST_KEY, E_HOST_AUTH when it can't be started
   */
  stream(command: RemoteStreamCommand, options?: RemoteStreamOptions): Promise<RemoteProgram>
  /**
   * Where this program reaches what the machine reaches under an address of its own: a port of this machine's loopback
   * whose connections go through the one to the machine, until `close`. Where the sshd forbids that, the endpoint itself,
   * if this machine has a way there. Through a tunnel, nobody is refused: where nobody listens, the connection ends at
   * once without a byte. @throws YardError E_HOST_UNREACHABLE with `details.tunnel: 'forbidden'` if it has none
   */
  forward(endpoint: Endpoint): Promise<Endpoint>
  /** Sends a line to a Unix socket there and returns all that it answers; undefined when nobody is there. */
  askSocket(
    path: string,
    line: string,
    options: {halfClose: boolean; deadlineMillis: number},
  ): Promise<string | undefined>
  close(): Promise<void>
}

export interface RemoteCommand {
  file: string
  args: readonly string[]
  /**
   * Given to it on stdin: the way for everything that is long or secret. Of chunks, the next one is asked for when the
   * machine has room; where they throw, the program is ended and what was thrown is thrown.
   */
  input?: string | Uint8Array | AsyncIterable<Uint8Array>
  deadlineMillis: number
  /**
   * It is a short one of many: they may run one after the other in a shell that stays there, which is one command for the
   * server. It gets a process of its own all the same. What it leaves running must not write to its streams, and its
   * input is no secret: that shell may put it into a temporary file.
   */
  isOneOfMany?: boolean
}

export interface RemoteStreamCommand {
  file: string
  args: readonly string[]
  /** None lets it run for as long as it's wanted: then it should end by itself when its input ends. */
  deadlineMillis?: number
  /** Ended as `timed-out` once it has written nothing for so long. */
  silenceMillis?: number
}

export interface RemoteStreamOptions {
  /** Each line of stdout, without its end. The next one comes when this is fulfilled. */
  onLine?: (line: string) => void | Promise<void>
  /** Each chunk of stdout, in place of lines. */
  onData?: (chunk: Uint8Array) => void | Promise<void>
  /** Ends it as `stop` does. */
  signal?: AbortSignal
}

/** A program that runs over there. */
export interface RemoteProgram {
  /** Fulfilled when more may be written; false when it reads nothing any more. */
  write(chunk: string | Uint8Array): Promise<boolean>
  endInput(): void
  /** Never rejected. stdout is empty when somebody listened; of stderr the last 64 kB. */
  readonly ended: Promise<RemoteResult>
  /** SIGTERM, over there, too; SIGKILL two seconds later. */
  stop(): Promise<RemoteResult>
}

export interface RemoteResult {
  /** A command that was killed, or whose connection broke, has not succeeded. */
  outcome: 'succeeded' | 'failed' | 'timed-out' | 'lost'
  exitCode?: number
  signal?: string
  /** At most 64 MB: the configuration of a host is read back whole. */
  stdout: string
  stderr: string
}
