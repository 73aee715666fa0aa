import {type Deploy} from './deploy.js'

/** How a deploy stands now. `abandoned`: it says that it runs, and nobody is at work on it: it was killed. */
export type DeployState = Deploy['outcome'] | 'abandoned'

/** What is known besides its record. */
export interface DeploySurroundings {
  /** Whether somebody who may be alive holds the lock of the service in the environment. */
  isLocked: boolean
  /** No other deploy of the service to the environment came after it. */
  isNewest: boolean
}

export function deployState({outcome}: Pick<Deploy, 'outcome'>, around: DeploySurroundings): DeployState {
  // Only the newest one can be the holder's: a deploy begins by taking the lock.
  return outcome === 'running' && !(around.isLocked && around.isNewest) ? 'abandoned' : outcome
}

/** Whether it stopped halfway, so that it can go on or be brought back. */
export function isUnfinished(state: DeployState, {isNewest}: DeploySurroundings): boolean {
  return isNewest && (state === 'abandoned' || state === 'paused')
}
