/** Parses a YAML document and keeps where each value stood, so that errors can point at it. */
export interface DocumentParser {
  /** Never throws. An empty document has the value undefined. */
  parse(text: string): ParsedDocument
  /** The documents of a text that holds several, their positions counted from the start of the text. Never throws. */
  parseAll(text: string): ParsedDocument[]
  /** One text of several documents, which every version of YAML reads back as the same values. */
  printAll(values: readonly unknown[]): string
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
