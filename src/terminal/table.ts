import {neutralise} from '../domain/logs/escapes.js'

/** Text as it came, possibly from somebody else; a style is put on after it was made harmless and padded. */
export type Cell = string | {text: string; style: (text: string) => string}

const gap = '  '

/**
 * Columns under their headings, without borders, so that `grep`, `awk` and `cut` work on it. The last column isn't
 * padded. Text from outside can do nothing to the terminal.
 */
export function table(
  header: readonly string[],
  rows: readonly (readonly Cell[])[],
  styleHeader = asItIs,
): string {
  const cells = rows.map((row) => row.map(harmless))
  const widths = header.map((title, column) =>
    Math.max(displayWidth(title), ...cells.map((row) => displayWidth(row[column]?.text ?? ''))),
  )
  const heading = header.map((text) => ({text, style: styleHeader}))
  return [heading, ...cells].map((row) => line(row, widths)).join('\n')
}

/** How many columns a terminal gives to this text: wide characters take two, marks that combine take none. */
export function displayWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length
  let width = 0
  for (const {segment} of graphemes().segment(text)) width += isWide(segment) ? 2 : isNothing(segment) ? 0 : 1
  return width
}

let segmenter: Intl.Segmenter | undefined

/** Made when first needed: it's slow to make, and most tables are plain ASCII. */
function graphemes(): Intl.Segmenter {
  segmenter ??= new Intl.Segmenter('en', {granularity: 'grapheme'})
  return segmenter
}

interface HarmlessCell {
  text: string
  style: (text: string) => string
}

function harmless(cell: Cell): HarmlessCell {
  const {text, style} = typeof cell === 'string' ? {text: cell, style: asItIs} : cell
  return {text: neutralise(text.replaceAll('\t', ' ')), style}
}

function line(row: readonly HarmlessCell[], widths: readonly number[]): string {
  const last = row.length - 1
  return row
    .map(({text, style}, column) => {
      const padding = column === last ? 0 : (widths[column] ?? 0) - displayWidth(text)
      return style(text) + ' '.repeat(Math.max(0, padding))
    })
    .join(gap)
    .trimEnd()
}

/** East Asian wide and full-width forms, and pictures. */
function isWide(character: string): boolean {
  return /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\p{Emoji}\ufe0f)/u.test(
    character,
  )
}

function isNothing(character: string): boolean {
  return /^[\p{Mn}\p{Me}\p{Cf}]+$/u.test(character)
}

function asItIs(text: string): string {
  return text
}
