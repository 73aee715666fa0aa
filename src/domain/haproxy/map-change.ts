/** The entries of the maps of HAProxy, by the name of the map. */
export type MapContents = ReadonlyMap<string, ReadonlyMap<string, string>>

/** What brings the maps that run to what is wanted; a map that doesn't run is left out. */
export interface MapChange {
  commands: string[]
  /** What to ask afterwards, and the value that each answer must give; undefined where the key must be gone. */
  proofs: {command: string; value: string | undefined}[]
}

export function planMaps(running: MapContents, wanted: MapContents): MapChange {
  const commands: string[] = []
  const proofs: MapChange['proofs'] = []
  for (const [name, entries] of wanted) {
    const live = running.get(name)
    if (live === undefined) continue
    for (const [key, value] of entries) {
      const present = live.get(key)
      if (present === value) continue
      commands.push(`${present === undefined ? 'add' : 'set'} map ${name} ${word(key)} ${word(value)}`)
      proofs.push({command: `get map ${name} ${word(key)}`, value})
    }
    for (const key of live.keys()) {
      if (entries.has(key)) continue
      commands.push(`del map ${name} ${word(key)}`)
      proofs.push({command: `get map ${name} ${word(key)}`, value: undefined})
    }
  }
  return {commands, proofs}
}

/** The entries of a map file: the value is all that follows the first space. */
export function readMapFile(text: string): Map<string, string> {
  const lines = text.split('\n').filter((line) => line !== '')
  return new Map(lines.map((line) => divided(line, line.indexOf(' '))))
}

/** Reads `show map`: each line begins with an address in memory. */
export function parseShownMap(answer: string): Map<string, string> {
  const lines = answer.split('\n').filter((line) => /^0x[0-9a-f]+ /.test(line))
  return new Map(
    lines.map((line) => {
      const entry = line.slice(line.indexOf(' ') + 1)
      return divided(entry, entry.indexOf(' '))
    }),
  )
}

/** Reads the answers to several `get map`, in their order: each value found, or undefined. */
export function parseFoundEntries(answer: string): (string | undefined)[] {
  return answer
    .split('\n')
    .filter((line) => line.includes('found='))
    .map((line) => /, key="[^"]*", value="([^"]*)"/.exec(line)?.[1])
}

/** Of two map texts: keys that are there twice. */
export function repeatedKeys(text: string): string[] {
  const keys = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' ', 1)[0] ?? '')
  const seen = new Set<string>()
  return [...new Set(keys.filter((key) => seen.has(key) || !seen.add(key)))]
}

function divided(line: string, space: number): [string, string] {
  return space < 0 ? [line, ''] : [line.slice(0, space), line.slice(space + 1)]
}

/** One word of a command line of HAProxy. */
function word(text: string): string {
  return text.replace(/[\\;\s]/g, '\\$&')
}
