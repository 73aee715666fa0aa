import {createHash, randomUUID} from 'node:crypto'

import {type Clock} from '../../contracts/clock.js'
import {type JsonPath} from '../../contracts/json-path.js'
import {type RegularExpressions} from '../../contracts/regular-expressions.js'
import {type EvaluationTools} from '../../domain/smoke/evaluation/tools.js'
import {type Value} from '../../domain/smoke/evaluation/value.js'
import {type NetworkPolicy} from '../../domain/smoke/network-policy.js'
import {type Redactor} from '../../domain/smoke/secrets.js'

/** What all files of one run share. */
export interface SmokeRun {
  baseUrl: URL
  variables: ReadonlyMap<string, Value>
  policy: NetworkPolicy
  /** Grows while the run goes on: captures may be secret, too. */
  redactor: Redactor
  tools: EvaluationTools
  requestTimeoutMillis: number
  runTimeoutMillis: number
  /** On the monotonic clock. */
  endsAt: number
}

interface ToolNeeds {
  clock: Clock
  jsonPath: JsonPath
  regularExpressions: RegularExpressions
}

export function toolsFor({clock, jsonPath, regularExpressions}: ToolNeeds): EvaluationTools {
  return {
    jsonPath,
    regularExpressions,
    digest: (algorithm, bytes) => createHash(algorithm).update(bytes).digest(),
    now: () => clock.now(),
    newUuid: () => randomUUID(),
  }
}
