/** The signals that end a program, as every Linux numbers them. */
const signals: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGSYS: 31,
}

/**
 * The exit code that passes on how a program ended, as a shell does: 128 and the number of the signal that ended it.
 * Undefined when it isn't known how it ended, which is never a success.
 */
export function passedOnExitCode(end: {exitCode?: number; signal?: string}): number | undefined {
  const {exitCode, signal} = end
  if (signal === undefined) return exitCode
  const name = signal.startsWith('SIG') ? signal : `SIG${signal}`
  return 128 + (Object.hasOwn(signals, name) ? (signals[name] ?? 0) : 0)
}
