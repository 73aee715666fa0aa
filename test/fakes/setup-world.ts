import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {type YardEvent} from '../../src/contracts/report.js'
import {type Host} from '../../src/domain/environment.js'
import {type SetupStep} from '../../src/domain/host-setup.js'
import {type HostSetupFacts} from '../../src/domain/host-setup-facts.js'
import {type HostSetupNeeds} from '../../src/lifecycle/host-setup/needs.js'
import {wantedFiles} from '../../src/lifecycle/host-setup/wanted-files.js'
import {type YardError} from '../../src/errors.js'
import {fakeIdentity} from './identity.js'
import {aHost, anEnvironment} from './records.js'
import {aBareMachine, aReadyMachine} from './setup-facts.js'
import {SimulatedClock} from './simulated-clock.js'

export const hostScript = '#!/bin/sh\nexit 0\n'

/** Machines that become ready when they are told to, unless a test says otherwise. */
export class SetupWorld {
  readonly catalog = new Catalog(new MemoryStore())
  readonly machines = new Map<string, HostSetupFacts>()
  /** Steps that were taken, by host. */
  readonly applied = new Map<string, SetupStep[]>()
  /** What a machine does instead of taking steps, by host. */
  readonly mishaps = new Map<string, () => void>()
  /** Why a login as this user fails, by `user@host`. */
  readonly refusals = new Map<string, (host: Host) => YardError | undefined>()
  readonly logins: string[] = []
  readonly closed: string[] = []
  readonly asked: string[] = []
  readonly events: YardEvent[] = []
  readonly interruption = new AbortController()
  mayRun = true
  newKey: string | undefined

  async seed(...hosts: Partial<Host>[]): Promise<void> {
    await this.catalog.commit(
      'seed',
      [],
      [
        this.catalog.environments.put(keys.environment('staging'), anEnvironment()),
        ...hosts.map((host) => {
          const record = aHost(host)
          return this.catalog.hosts.put(keys.host('staging', record.name), record)
        }),
      ],
    )
  }

  async host(name: string): Promise<Host | undefined> {
    return (await this.catalog.hosts.get(keys.host('staging', name)))?.record
  }

  ready(changes: Partial<HostSetupFacts> = {}): HostSetupFacts {
    return aReadyMachine(wantedFiles(aBareMachine(), hostScript, []).files, changes)
  }

  needs(changes: Partial<HostSetupNeeds> = {}): HostSetupNeeds {
    return {
      catalog: this.catalog,
      clock: new SimulatedClock(),
      report: (event) => void this.events.push(event),
      signal: this.interruption.signal,
      identity: fakeIdentity(),
      confirmProtected: async ({purpose}) => void this.asked.push(purpose),
      openHost: async (host, {user}) => {
        const name = `${user}@${host.name}`
        this.logins.push(name)
        const letIn = () => {
          const refusal = this.refusals.get(name)?.(host)
          if (refusal !== undefined) throw refusal
        }
        return {
          setup: {
            facts: async () => {
              letIn()
              return this.machines.get(host.name) ?? aBareMachine()
            },
            apply: async (steps) => {
              const mishap = this.mishaps.get(host.name)
              if (mishap !== undefined) {
                mishap()
                return
              }
              this.applied.set(host.name, [...steps])
              this.machines.set(host.name, this.ready())
            },
            mayRun: async () => {
              letIn()
              return this.mayRun
            },
          },
          newHostKey: () => this.newKey,
          close: async () => void this.closed.push(name),
        }
      },
      hostScript: async () => hostScript,
      configuredUser: () => undefined,
      ...changes,
    }
  }
}
