import {type SmokePosition} from './position.js'

/** Why a file can't be run: it isn't Hurl, or it is a part of Hurl that yard doesn't have. */
export type SyntaxFaultKind = 'invalid' | 'unsupported'

/** Ends the parsing of one file. It never leaves `parseSmokeFile`, which returns it as data. */
export class SyntaxFault extends Error {
  constructor(
    readonly kind: SyntaxFaultKind,
    readonly position: SmokePosition,
    message: string,
  ) {
    super(message)
    this.name = 'SyntaxFault'
  }
}

/** The text is right for Hurl but names something that yard doesn't do. */
export function unsupported(position: SmokePosition, construct: string): SyntaxFault {
  return new SyntaxFault('unsupported', position, `${construct}: supported by hurl, not by yard`)
}

/** The text isn't what Hurl 8 accepts here. */
export function expected(position: SmokePosition, what: string, found?: string): SyntaxFault {
  return new SyntaxFault(
    'invalid',
    position,
    `expected ${what}${found === undefined ? '' : `, found ${found}`}`,
  )
}
