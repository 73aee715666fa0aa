/** Parses a YAML document and keeps where each value stood, so that errors can point at it. */
export interface DocumentParser {
  /** Never throws. An empty document has the value undefined. */
  parse(text: string): ParsedDocument
}

export type ParsedDocument =
  | {
      ok: true
      value: unknown
      /** Where a value (or its key) begins; for what isn't there, the nearest group around it. */
      positionOf(path: readonly (string | number)[], part?: 'key' | 'value'): Position
    }
  | {ok: false; problems: {message: string; position: Position}[]}

/** Both counted from 1. */
export interface Position {
  line: number
  column: number
}
