import {type HaproxyProcess} from '../../contracts/router-host.js'

/** Whoever starts HAProxy on this machine, and starts it again when it ends by itself. */
export interface Caretaker {
  /** Returns once it was started, or at once when that is somebody else's to do. */
  start(): Promise<void>
  process(): Promise<HaproxyProcess & {pid?: number}>
  /** Ends it for good. @throws YardError E_PERMISSION when this user may not */
  stop(): Promise<void>
  /** What HAProxy wrote last, oldest first. */
  lastLines(): Promise<string[]>
}
