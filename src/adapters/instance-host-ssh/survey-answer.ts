/** What the script `survey` says, every line of it checked: the machine may say anything. */
export interface SurveyAnswer {
  /** Of what was asked for, ascending. */
  missing: string[]
  releases: number[]
  removed: number[]
  lacking: string[]
  ports: Set<number>
  scriptDigest: string | undefined
  freeBytes: number
  /** How many more files the disk takes; undefined where it doesn't count them. */
  freeFiles: number | undefined
  clockMillis: number
}

const mostReleases = 10_000

/** Undefined when it isn't an answer of that script: something is missing, or more than there can be. */
export function readSurvey(text: string, wanted: ReadonlySet<string>): SurveyAnswer | undefined {
  const missing = new Set<string>()
  const [releases, removed] = [new Set<number>(), new Set<number>()]
  const lacking = new Set<string>()
  const ports = new Set<number>()
  let scriptDigest: string | undefined
  let space: {freeBytes: number; freeFiles: number | undefined} | undefined
  let clockMillis: number | undefined
  for (const line of text.split('\n')) {
    if (wanted.has(line)) missing.add(line)
    const [, word, value = ''] =
      /^(release|removed|lacks|script|space|clock) ([ -~]{1,200})$/.exec(line) ?? []
    if (word === 'release') addRelease(releases, value)
    if (word === 'removed') addRelease(removed, value)
    if (word === 'lacks' && /^[A-Za-z0-9_.+-]{1,64}$/.test(value)) lacking.add(value)
    if (word === 'script') scriptDigest = /^([0-9a-f]{64}) /.exec(value)?.[1]
    if (word === 'space') space = spaceIn(value)
    if (word === 'clock') clockMillis = /^\d{13,14}$/.test(value) ? Number(value) : undefined
    const port = /^ *\d+: [0-9A-F]{8,32}:([0-9A-F]{4}) [0-9A-F:]+ 0A /.exec(line)?.[1]
    if (port !== undefined) ports.add(parseInt(port, 16))
  }
  if (space === undefined || clockMillis === undefined || releases.size > mostReleases) return undefined
  return {
    missing: [...missing].sort(),
    releases: ascending(releases),
    removed: ascending(removed),
    lacking: [...lacking].sort(),
    ports,
    scriptDigest,
    ...space,
    clockMillis,
  }
}

/** Free blocks, size of a block, files there can be, files there can be yet; file systems without a limit say 0 twice. */
function spaceIn(value: string): {freeBytes: number; freeFiles: number | undefined} | undefined {
  const [, blocks, size, total, free] = /^(\d{1,18}) (\d{1,9}) (\d{1,20}) (\d{1,20})$/.exec(value) ?? []
  if (blocks === undefined) return undefined
  return {
    freeBytes: Math.min(Number(blocks) * Number(size), Number.MAX_SAFE_INTEGER),
    freeFiles: Number(total) === 0 ? undefined : Number(free),
  }
}

function addRelease(releases: Set<number>, value: string): void {
  if (/^[1-9][0-9]{0,8}$/.test(value)) releases.add(Number(value))
}

function ascending(numbers: ReadonlySet<number>): number[] {
  return [...numbers].sort((one, other) => one - other)
}
