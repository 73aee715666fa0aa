/** The known word that was probably meant, or undefined when none is close. */
export function nearestWord(typed: string, known: readonly string[]): string | undefined {
  if (typed.length > 100) return undefined
  let best: {word: string; edits: number} | undefined
  for (const word of known) {
    const edits = editDistance(typed.toLowerCase(), word.toLowerCase())
    if (best === undefined || edits < best.edits) best = {word, edits}
  }
  return best !== undefined &&
    best.edits < typed.length &&
    best.edits <= (typed.length <= 3 ? 1 : Math.max(2, Math.floor(typed.length / 3)))
    ? best.word
    : undefined
}

/** Insertions, deletions and replacements that turn one word into the other. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({length: to.length + 1}, (_, index) => index)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1)
      current.push(Math.min((previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, replaced))
    }
    previous = current
  }
  return previous[to.length] ?? 0
}
