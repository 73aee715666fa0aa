import {type HostSetupFacts} from '../domain/host-setup-facts.js'
import {type SetupStep} from '../domain/host-setup.js'

/** A machine that is made ready for releases, reached as root or as somebody who becomes root by sudo. */
export interface HostSetup {
  /**
   * Looks, and changes nothing.
   * @throws YardError E_HOST_UNREACHABLE, E_HOST_KEY, E_HOST_AUTH, E_PERMISSION for who is not root and can't become it
   */
  facts(question: SetupQuestion): Promise<HostSetupFacts>
  /**
   * Takes the steps in this order, and stops at the first that doesn't work.
   * @throws YardError E_HOST_SETUP naming the step, E_DISK_FULL, E_PERMISSION, E_HOST_UNREACHABLE
   */
  apply(steps: readonly SetupStep[]): Promise<void>
  /** Whether who logs in may run root's program there. */
  mayRun(program: string): Promise<boolean>
}

export interface SetupQuestion {
  /** Absolute. */
  paths: readonly string[]
  programs: readonly string[]
  units: readonly string[]
  /** Of these, or of the nearest directory above that is there, the room. */
  rooms: readonly string[]
}
