// CPU time of whole commands. The machine is shared and noisy: contenders take turns, and the smallest of many runs counts.
import {spawnSync} from 'node:child_process'

/** User plus system milliseconds of one run; bash reports what the kernel counted for the command and its children. */
export function cpuMillis({file, args = [], cwd, env}) {
  const script = 'TIMEFORMAT="%3U %3S"; time "$@" >/dev/null 2>/dev/null </dev/null'
  const {NODE_EXTRA_CA_CERTS: _, ...clean} = process.env
  const result = spawnSync('bash', ['-c', script, 'bash', file, ...args], {
    cwd,
    env: {...clean, ...env},
    encoding: 'utf8',
  })
  if (result.status !== 0)
    throw new Error(`${file} ${args.join(' ')} ended with ${result.status}: ${result.stderr}`)
  const [user = NaN, system = NaN] = result.stderr.trim().split(/\s+/).slice(-2).map(Number)
  return (user + system) * 1000
}

/**
 * Runs contenders in turns. Each is {name, command} where command(round) returns what `cpuMillis` takes.
 * Returns the smallest CPU time of each by name.
 */
export function compare(contenders, rounds) {
  const best = new Map(contenders.map(({name}) => [name, Infinity]))
  for (let round = 0; round < rounds; round += 1) {
    for (const {name, command} of contenders)
      best.set(name, Math.min(best.get(name), cpuMillis(command(round))))
  }
  return best
}

/** Prints each contender with its ratio to the reference, and whether the limits hold. Returns whether all do. */
export function printRatios(title, best, reference, limits) {
  console.log(`\n${title}`)
  const base = best.get(reference)
  for (const [name, millis] of best) {
    console.log(
      `  ${name.padEnd(34)} ${millis.toFixed(0).padStart(6)} ms CPU  ${(millis / base).toFixed(2).padStart(6)}x of ${reference}`,
    )
  }
  return limits
    .map(({name, of, most}) => {
      const ratio = best.get(name) / best.get(of)
      const isMet = ratio <= most
      console.log(
        `  ${isMet ? '✓' : '✗'} ${name} is ${ratio.toFixed(2)}x of ${of}, at most ${most.toFixed(2)}x`,
      )
      return isMet
    })
    .every(Boolean)
}
