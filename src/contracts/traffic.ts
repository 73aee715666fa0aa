import {type Instance} from '../domain/instance.js'
import {type Router} from './router.js'

/** The traffic of the services of one environment, as a deploy moves it and watches it. */
export interface Traffic extends Router {
  /** The ids of those to which nothing is under way any more, at any host that routes to them. */
  idle(instances: readonly Instance[]): Promise<ReadonlySet<string>>
  /** What all hosts together counted of them so far, by instance id. A host that can't be asked counts nothing. */
  answers(instances: readonly Instance[]): Promise<ReadonlyMap<string, AnswerCounts>>
}

/** Since a HAProxy was started or reloaded: it may become less. */
export interface AnswerCounts {
  answered: number
  /** Answers of 400 to 499. */
  refused: number
  /** Answers of 500 and above, and requests that got none. */
  failed: number
}
