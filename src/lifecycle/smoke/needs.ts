import {type Clock} from '../../contracts/clock.js'
import {type Files} from '../../contracts/files.js'
import {type HttpClient} from '../../contracts/http-client.js'
import {type JsonPath} from '../../contracts/json-path.js'
import {type RegularExpressions} from '../../contracts/regular-expressions.js'
import {type Report} from '../../contracts/report.js'

/** What a run of smoke tests asks of the world. */
export interface SmokeNeeds {
  http: HttpClient
  files: Files
  jsonPath: JsonPath
  regularExpressions: RegularExpressions
  clock: Clock
  report: Report
  signal: AbortSignal
}
