/** A place in a file; both counted from 1, columns in characters. */
export interface SmokePosition {
  line: number
  column: number
}
