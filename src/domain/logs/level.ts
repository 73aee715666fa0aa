export const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const
export type Level = (typeof levels)[number]

const names: Readonly<Record<string, Level>> = {
  trace: 'trace',
  debug: 'debug',
  info: 'info',
  information: 'info',
  notice: 'info',
  warn: 'warn',
  warning: 'warn',
  err: 'error',
  error: 'error',
  severe: 'error',
  fatal: 'fatal',
  crit: 'fatal',
  critical: 'fatal',
  alert: 'fatal',
  emerg: 'fatal',
  panic: 'fatal',
}

/** The level a word stands for, in any case: `WARNING` is `warn`. */
export function levelNamed(word: string): Level | undefined {
  const lower = word.toLowerCase()
  return Object.hasOwn(names, lower) ? names[lower] : undefined
}

/** Of the numbers that pino and bunyan write: 10 trace to 60 fatal, those between belong to the lower one. */
export function levelNumbered(number: number): Level | undefined {
  if (!Number.isFinite(number) || number < 10) return undefined
  return levels[Math.min(Math.floor(number / 10), levels.length) - 1]
}

/** A level word that stands where loggers put it: alone or in brackets near the start, or after `level=`. */
const wordPattern =
  /(?:^|[\s[(<|])(trace|debug|info|notice|warn|warning|err|error|severe|fatal|crit|critical|panic)(?=[\])>|:]|\s|$)/i
const keyPattern = /\b(?:level|lvl|severity)=["']?([a-z]+)/i

/** How far into a line a level word counts. */
const startLength = 60

/** The level of a line of plain text, when it names one. Lower-case words only count in brackets, before a colon or after `level=`. */
export function levelOfText(text: string): Level | undefined {
  const keyed = keyPattern.exec(text.slice(0, 500))?.[1]
  if (keyed !== undefined) return levelNamed(keyed)
  const match = wordPattern.exec(text.slice(0, startLength))
  const word = match?.[1]
  if (match === null || word === undefined) return undefined
  const isMarked =
    /[[(<|]$/.test(match[0].slice(0, -word.length)) || text[match.index + match[0].length] === ':'
  return isMarked || word === word.toUpperCase() ? levelNamed(word) : undefined
}

export function isAtLeast(level: Level | undefined, least: Level): boolean {
  return level !== undefined && levels.indexOf(level) >= levels.indexOf(least)
}
