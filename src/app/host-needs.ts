import {type DrainNeeds} from '../lifecycle/hosts/drain.js'
import {confirmProtected} from './confirm.js'
import {type Yard} from './yard.js'

export interface HostNeeds extends DrainNeeds {
  signal: AbortSignal
}

/** What the commands of hosts and environments need of the world. `--yes` confirms beforehand. */
export async function hostNeeds(yard: Yard, isConfirmed = false): Promise<HostNeeds> {
  return {
    catalog: await yard.catalog(),
    clock: yard.clock,
    report: yard.report,
    signal: yard.signal,
    actor: yard.actor,
    confirmProtected: (change) => confirmProtected(yard, {...change, isConfirmed}),
  }
}

/** Names of the environments that the platform file declares, applied or not. */
export async function declaredEnvironments(yard: Yard): Promise<string[]> {
  return ((await yard.platform())?.environments ?? []).map(({name}) => name)
}
