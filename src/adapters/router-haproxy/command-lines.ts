/** HAProxy cuts what is longer than its buffer (16 kB) without a word. */
const longestLine = 12_000

/** Batches of commands as few lines, no batch torn apart. */
export function packed(batches: readonly (readonly string[])[]): string[] {
  const lines: string[] = []
  let line = ''
  for (const batch of batches.map((commands) => commands.join(';'))) {
    if (line !== '' && line.length + batch.length > longestLine) {
      lines.push(line)
      line = ''
    }
    line += line === '' ? batch : `;${batch}`
  }
  return line === '' ? lines : [...lines, line]
}
