import {type Report} from './report.js'

/** A few whole Linux hosts on this machine, for practice: each boots an init system and has an address of its own. */
export interface PracticeFleet {
  /** What there is; undefined when there is no fleet. */
  state(): Promise<FleetState | undefined>
  /**
   * Has hosts up to this number run, beside those that did before, and waits until each takes logins. Mends whatever was
   * left half done; a host that runs is left alone.
   * @throws YardError E_FLEET when this machine can't have one, or a host doesn't start
   */
  up(request: FleetUpRequest): Promise<FleetState>
  /**
   * Ends hosts and their disks: all of them with the network between them, or only those that are named. What is
   * remembered of the fleet stays until `forget`.
   * @returns the names of hosts of which anything was there
   * @throws YardError E_FLEET for what doesn't end
   */
  end(names?: readonly string[]): Promise<string[]>
  /** Removes what is remembered: addresses and SSH keys. */
  forget(): Promise<void>
}

export interface FleetUpRequest {
  environment: string
  /** Hosts `fleet-1` to this number. */
  count: number
  report: Report
  signal: AbortSignal
  /** Awaited between one change and the next; a test ends the program there. */
  reached?: (moment: string) => Promise<void>
}

export interface FleetState {
  environment: string
  /** Where the hosts reach this machine. */
  gateway: string
  /** Of the key with which `root` logs in to every host. */
  identityFile: string
  hosts: FleetHostState[]
}

export interface FleetHostState {
  name: string
  address: string
  /** `gone`: its disk is lost, too. `off`: it doesn't run, and has its disk. */
  state: 'running' | 'starting' | 'off' | 'gone'
  /** What systemd says of itself: `running`, `degraded` … */
  systemd?: string
  /** Its SSH host key, as in `ssh-ed25519 AAAA…`. */
  sshKey: string
  /** It has what `yard host setup` brings; without it the host is as bare as a new machine. */
  isSetUp: boolean
}
