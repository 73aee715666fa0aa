import {type Host} from '../domain/environment.js'
import {type RemoteShell} from './remote-shell.js'

/** Shells on the machines of environments. */
export interface HostShells {
  /** Connects when it's first asked for something. @throws YardError E_HOST_KEY, E_HOST_AUTH, E_HOST_UNREACHABLE */
  shell(host: Host, options?: ConnectOptions): Promise<HostShell>
}

export interface ConnectOptions {
  /** Takes the first key of a machine that isn't known yet. */
  acceptsNewKey?: boolean
  /** Whom to log in as, whatever else is said. */
  user?: string
  /** What to run to have it taken, such as `yard push --accept-new-host-key`. */
  acceptingCommand?: string
}

/** A shell on a machine, shared by all that a command does there: `close` leaves it open for the others. */
export interface HostShell extends RemoteShell {
  /** The SSH host key, when it was taken although nobody knew it: pin it. */
  readonly newHostKey: string | undefined
}
