import {type Secret} from '../domain/secret.js'

/**
 * Runs processes of instances on one host so that they outlive the program that asked for them, are started
 * again with a growing pause when they end by themselves, and have their output in rotated logs.
 */
export interface ProcessManager {
  /**
   * Starts the process unless one with this id is looked after already; returns once it was started for the first time.
   * Takes up what is left of one that lost its keeper: ends it, and starts afresh. Safe under concurrent callers.
   * @throws YardError E_CONFLICT when an earlier one with this id won't end.
   */
  start(spec: ProcessSpec): Promise<void>
  /** SIGTERM to the whole process group, SIGKILL after the grace time; returns when nothing of it is left. */
  stop(id: string, graceMillis: number): Promise<StopOutcome>
  /**
   * All processes looked after, also those started by an earlier run of yard; not those stopped as asked. State
   * `stopped` means that the keeper was killed and something of the process may still run: start it again or stop it.
   */
  list(): Promise<ManagedProcess[]>
  /** Whether the socket listening on the port belongs to this process or its children; undefined where the system can't tell. */
  ownsPort(id: string, port: number): Promise<boolean | undefined>
  /** The last lines it wrote, oldest first. */
  lastLines(id: string, count: number): Promise<string[]>
}

export interface ProcessSpec {
  /** An instance id, or the name of a part of the local environment such as `haproxy`. */
  id: string
  /** What its log lines are filed under: `service`, `release` and so on; kept beside the log. */
  labels: Record<string, string>
  command: ProcessCommand
  directory: string
  variables: Record<string, string>
  /**
   * Asked for more variables only when the process has to be started, not while it is looked after already. They reach the
   * process and whoever starts it again, and are in no file and no argument. When it rejects, so does `start`.
   */
  secrets?: () => Promise<Readonly<Record<string, Secret>>>
}

/** A Procfile line is run by the shell; everything else is an argument list. */
export type ProcessCommand = {line: string} | {file: string; args: string[]}

export interface ManagedProcess {
  id: string
  state: 'running' | 'backing-off' | 'stopped'
  pid?: number
  /** When the present state began. */
  since: string
  restarts: number
  /** `exit 1`, `SIGSEGV` … of the last time it ended by itself. */
  lastExit?: string
  nextStartAt?: string
}

/** `killed`: it ignored SIGTERM for the whole grace time. */
export type StopOutcome = 'not-running' | 'terminated' | 'killed'
