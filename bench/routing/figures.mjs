// How the benches of routing print what they measured.
import os from 'node:os'

/** Times on the wall mean little while others are at work: how many processes want a processor, and how many there are. */
export function saySurroundings() {
  say('the machine', `${os.cpus().length} processors, load ${shown(os.loadavg()[0])}`)
}

/** The value that a share of all values doesn't exceed. */
export function percentile(values, share) {
  const sorted = [...values].sort((left, right) => left - right)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN
}

/** Prints a figure beside its limit, and returns whether it is met. */
export function judge(what, value, most, unit) {
  const isMet = value <= most
  console.log(`  ${isMet ? '✓' : '✗'} ${what}: ${shown(value)} ${unit}, at most ${most}`)
  return isMet
}

export function say(what, ...values) {
  console.log(`  ${what.padEnd(46)} ${values.join('  ')}`)
}

export function shown(value) {
  if (Number.isInteger(value)) return String(value)
  return value.toFixed(Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0)
}

export const spread = (values) =>
  `min ${shown(Math.min(...values))}  p50 ${shown(percentile(values, 0.5))}  p99 ${shown(percentile(values, 0.99))}  max ${shown(Math.max(...values))} ms`
