import {YardError} from '../errors.js'

/**
 * Turns the first Ctrl-C, SIGTERM or SIGHUP into an abort that the work under way can clean up after; the second
 * one leaves at once, and the next run mends what is left.
 */
export function watchForInterruption(): AbortSignal {
  const controller = new AbortController()
  const onSignal = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(130)
    controller.abort(interrupted(signal))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  return controller.signal
}

function interrupted(signal: NodeJS.Signals): YardError {
  return new YardError('E_INTERRUPTED', {
    what: 'Stopped before the end',
    why: `${signal === 'SIGINT' ? 'Ctrl-C' : signal} was received`,
    next: ['run the command again: it mends what was left half done'],
  })
}
