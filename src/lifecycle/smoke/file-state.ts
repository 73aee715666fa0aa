import {type CookieJar} from '../../domain/smoke/cookies.js'
import {type Value} from '../../domain/smoke/evaluation/value.js'

/** What the steps of one file hand on to each other. */
export interface FileState {
  variables: Map<string, Value>
  cookies: CookieJar
  requests: number
  wasAnswered: boolean
  couldNotConnect: boolean
}
