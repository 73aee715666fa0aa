import {type SmokePosition} from '../position.js'

/** A value can't be had or made: an unknown variable, text that isn't JSON. Becomes one failure of its step. */
export class EvaluationFault extends Error {
  constructor(
    readonly position: SmokePosition,
    readonly expected: string,
    readonly actual: string,
  ) {
    super(`${expected}, ${actual}`)
    this.name = 'EvaluationFault'
  }
}
