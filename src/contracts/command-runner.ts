/** Runs a program on this machine to its end. */
export interface CommandRunner {
  run(command: {file: string; args: string[]} | {line: string}, options: RunOptions): Promise<RunResult>
}

export interface RunOptions {
  directory: string
  /** Added to a small clean environment (PATH, HOME, LANG, proxies); nothing else of yard's own leaks in. */
  variables?: Record<string, string>
  /** What it reads on stdin; nothing without it. */
  input?: string
  deadlineMillis: number
  /** The whole process group is ended when this aborts. */
  signal?: AbortSignal
  /** Lines of stdout and stderr as they come, escapes left as they are. */
  onLine?: (line: string) => void
  /**
   * Returns what it writes to stdout as `stdout`, at most so many bytes; it then reaches neither `onLine` nor `lastLines`,
   * because it may be a secret.
   */
  captureBytes?: number
}

export interface RunResult {
  /** A closed list, so that nobody reads message texts. */
  outcome: 'succeeded' | 'failed' | 'timed-out' | 'not-found' | 'aborted'
  exitCode?: number
  signal?: string
  /** The last lines of its output, at most 64 kB however much it wrote. */
  lastLines: string[]
  /** With `captureBytes`; undefined when it was more than allowed, or not UTF-8. */
  stdout?: string
}
