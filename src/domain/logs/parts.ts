/** A process directory holds its log in parts: the one being written, and rotated ones whose numbers only grow. */
export const currentPartName = 'current.log'
/** Id and labels of the process, beside its log. */
export const sourceFileName = 'source.json'

/** Ids name directories: no separator and no leading dot, so nothing outside can be meant. */
export const sourceIdPattern = /^[a-z0-9][a-z0-9.@-]{0,159}$/

/** `000042.log` */
export function rotatedPartName(number: number): string {
  return `${String(number).padStart(6, '0')}.log`
}

/** The number of a rotated part, or undefined for other names. */
export function rotatedPartNumber(name: string): number | undefined {
  const digits = /^([0-9]{6,12})\.log$/.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}
