import {type SmokePosition} from './position.js'
import {SyntaxFault, type SyntaxFaultKind} from './syntax-fault.js'
import {entry} from './syntax/entries.js'
import {Scanner} from './syntax/scanner.js'
import {type Entry, type SmokeFile} from './syntax/tree.js'

export interface SyntaxProblem {
  kind: SyntaxFaultKind
  position: SmokePosition
  message: string
}

export type ParsedSmokeFile = {ok: true; file: SmokeFile} | {ok: false; problem: SyntaxProblem}

/** Reads the text of a `.hurl` file in the language of Hurl 8; never throws. */
export function parseSmokeFile(text: string): ParsedSmokeFile {
  const scanner = new Scanner(text)
  const entries: Entry[] = []
  try {
    scanner.skipBlank()
    while (!scanner.atEnd) {
      entries.push(entry(scanner))
      scanner.skipBlank()
    }
    return {ok: true, file: {entries}}
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error
    return {ok: false, problem: {kind: error.kind, position: error.position, message: error.message}}
  }
}
