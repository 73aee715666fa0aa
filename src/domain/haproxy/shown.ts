import {printable} from '../names.js'

/** A value from outside, for a line to people: short, and in printable ASCII. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return printable(value)
  return typeof value === 'number' ? String(value) : `of type ${typeof value}`
}
