import {type WrittenHooks} from './declared-schema.js'
import {parseDuration} from './duration.js'
import {type Problem} from './schema.js'
import {type HookMoment, type Hooks} from './service.js'

const momentOf: Readonly<Record<keyof WrittenHooks, HookMoment>> = {
  beforeBuild: 'before-build',
  beforeDeploy: 'before-deploy',
  afterDeploy: 'after-deploy',
  onFailure: 'on-failure',
  onRollback: 'on-rollback',
}

const usualTimeoutMillis = 300_000
const longestMillis = 3_600_000

/** A file with each hook as a group, where it may be a command line alone. */
export function withHookGroups(file: object): object {
  const {hooks} = file as {hooks?: unknown}
  if (typeof hooks !== 'object' || hooks === null || Array.isArray(hooks)) return file
  const normal = Object.entries(hooks).map(([key, lines]: [string, unknown]) => [
    key,
    Array.isArray(lines)
      ? lines.map((line: unknown) => (typeof line === 'string' ? {run: line} : line))
      : lines,
  ])
  return {...file, hooks: Object.fromEntries(normal) as unknown}
}

/** Undefined where there is none. */
export function hooksOf(written: WrittenHooks = {}): Hooks | undefined {
  const hooks: Hooks = {}
  for (const [key, moment] of Object.entries(momentOf) as [keyof WrittenHooks, HookMoment][]) {
    const lines = written[key] ?? []
    if (lines.length === 0) continue
    hooks[moment] = lines.map(({run, timeout}) => ({
      line: run,
      timeoutMillis:
        timeout === undefined ? usualTimeoutMillis : (parseDuration(timeout) ?? usualTimeoutMillis),
    }))
  }
  return Object.keys(hooks).length === 0 ? undefined : hooks
}

/** Times that are no times for a hook. */
export function hookProblems(written: WrittenHooks = {}): Problem[] {
  return Object.entries(written).flatMap(([key, lines]) =>
    (lines ?? []).flatMap(({timeout}, index): Problem[] => {
      if (timeout === undefined) return []
      const millis = parseDuration(timeout) ?? Infinity
      const path = ['hooks', key, index, 'timeout']
      if (millis > longestMillis) return [{path, message: 'must be at most 1h'}]
      return millis === 0 ? [{path, message: 'must be at least 1ms'}] : []
    }),
  )
}
