import {type FleetState, type FleetUpRequest, type PracticeFleet} from '../../src/contracts/practice-fleet.js'
import {fleetAddress, fleetGateway, fleetHostName} from '../../src/domain/fleet.js'

/** Hosts that are only said to be there. */
export class FakeFleet implements PracticeFleet {
  calls: string[] = []
  subnet = '10.213.7'
  /** Undefined when there is no fleet. */
  present: FleetState | undefined

  async state(): Promise<FleetState | undefined> {
    return this.present
  }

  async up({count, environment}: FleetUpRequest): Promise<FleetState> {
    this.calls.push(`up ${environment} ${count}`)
    const before = this.present?.hosts.length ?? 0
    const hosts = Array.from({length: Math.max(count, before)}, (_, index) => ({
      ...this.present?.hosts[index],
      name: fleetHostName(index + 1),
      address: fleetAddress(this.subnet, index + 1),
      state: 'running' as const,
      systemd: 'running',
      sshKey: `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA${index + 1}`,
      isSetUp: this.present?.hosts[index]?.isSetUp ?? false,
    }))
    this.present = {environment, gateway: fleetGateway(this.subnet), identityFile: '/state/fleet/id', hosts}
    return this.present
  }

  async end(): Promise<string[]> {
    this.calls.push('end')
    const there = this.present?.hosts.filter(({state}) => state !== 'gone') ?? []
    for (const host of there) host.state = 'gone'
    return there.map(({name}) => name)
  }

  async forget(): Promise<void> {
    this.calls.push('forget')
    this.present = undefined
  }
}
