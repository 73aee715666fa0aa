import {setTimeout as sleep} from 'node:timers/promises'

import {NodeHttpClient} from '../../src/adapters/http-node/index.js'
import {P3JsonPath} from '../../src/adapters/jsonpath-p3/index.js'
import {Re2RegularExpressions} from '../../src/adapters/regex-re2/index.js'
import {type Clock} from '../../src/contracts/clock.js'
import {type SmokeReport} from '../../src/domain/smoke/report.js'
import {YardError} from '../../src/errors.js'
import {smoke, type SmokeNeeds, type SmokeRequest} from '../../src/lifecycle/smoke.js'
import {MemoryFiles} from './files.js'
import {type SmokeHandler, type SmokeServer, startSmokeServer} from './smoke-server.js'

const cleanups: (() => Promise<void> | void)[] = []

/** Closes what the tests of a file opened; for `afterEach`. */
export async function cleanUp(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
}

/** A server that `cleanUp` closes. */
export async function serve(handler: SmokeHandler): Promise<SmokeServer> {
  const server = await startSmokeServer(handler)
  cleanups.push(() => server.close())
  return server
}

/** Runs files, by name, against a server through the real adapters. */
export async function run(
  server: SmokeServer,
  files: Record<string, string>,
  request: Partial<SmokeRequest> = {},
  needs: Partial<SmokeNeeds> = {},
): Promise<SmokeReport> {
  const http = new NodeHttpClient()
  cleanups.push(() => http.close())
  const regularExpressions = new Re2RegularExpressions()
  const contents = Object.fromEntries(Object.entries(files).map(([name, text]) => [`/service/${name}`, text]))
  return smoke(
    {
      http,
      files: new MemoryFiles(contents),
      jsonPath: new P3JsonPath(regularExpressions),
      regularExpressions,
      clock: realClock,
      report: () => undefined,
      signal: new AbortController().signal,
      ...needs,
    },
    {
      service: 'hello',
      environment: 'local',
      baseUrl: server.origin,
      root: '/service',
      globs: ['**/*.hurl'],
      ...request,
    },
  )
}

const realClock: Clock = {
  now: () => new Date(),
  monotonicMillis: () => performance.now(),
  sleep: async (millis, signal) => {
    await sleep(millis, undefined, signal === undefined ? {} : {signal})
  },
}

/** Every failed check as `line:column kind: expected / actual`. */
export function failuresOf(report: SmokeReport): string[] {
  return report.files.flatMap(({steps}) =>
    steps.flatMap(({failures}) =>
      failures.map(
        ({position, kind, expected, actual}) =>
          `${position.line}:${position.column} ${kind}: ${expected} / ${actual}`,
      ),
    ),
  )
}

/** What a run that can't be finished throws. */
export async function failureOf(running: Promise<unknown>): Promise<YardError> {
  const error: unknown = await running.then(
    () => undefined,
    (failure: unknown) => failure,
  )
  if (error instanceof YardError) return error
  throw error instanceof Error ? error : new Error('nothing failed')
}

/** Waits for something to become true, for 5 s at most. */
export async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error('it did not happen within 5 s')
    await new Promise((resolve) => setImmediate(resolve))
  }
}
