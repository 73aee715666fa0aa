/** Runs programs and moves bytes on one other machine. One connection serves all; nothing is ever put into a shell's text unquoted. */
export interface RemoteShell {
  /** For people: the name of the host. */
  readonly host: string
  /** Arguments reach the program as they are. @throws YardError E_HOST_UNREACHABLE, E_HOST_KEY, E_HOST_AUTH */
  run(command: RemoteCommand): Promise<RemoteResult>
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
  /** Given to it on stdin: the way for everything that is long or secret. */
  input?: string | Uint8Array
  deadlineMillis: number
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
