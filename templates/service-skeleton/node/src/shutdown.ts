import {setTimeout as sleep} from 'node:timers/promises'

import {type FastifyInstance} from 'fastify'

/** SIGTERM: not ready at once, serve until callers have noticed, finish what is under way, exit 0. */
export function drainOnSignal(app: FastifyInstance, drainMillis: number): void {
  const drain = async (signal: string) => {
    if (app.draining) return
    app.draining = true
    app.log.info({signal, drain_ms: drainMillis}, 'draining')
    await sleep(drainMillis)
    await app.close()
    app.log.info('stopped')
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void drain(signal))
}

/** What nobody caught is logged once and ends the process: its state can't be trusted any more. */
export function exitOnUncaught(app: FastifyInstance): void {
  const exit = (error: unknown) => {
    app.log.fatal({err: error}, 'uncaught error')
    process.exit(1)
  }
  process.once('uncaughtException', exit)
  process.once('unhandledRejection', exit)
}
