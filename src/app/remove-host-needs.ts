import {type RemoveHostNeeds} from '../lifecycle/hosts/remove.js'
import {hostNeeds} from './host-needs.js'
import {instanceHostOpener, trafficOf} from './instance-hosts.js'
import {lockIdentity} from './lock-identity.js'
import {type Yard} from './yard.js'

/** What taking a machine out of an environment takes: what runs there is ended there. `--yes` confirms beforehand. */
export async function removeHostNeeds(yard: Yard, isConfirmed: boolean): Promise<RemoveHostNeeds> {
  return {
    ...(await hostNeeds(yard, isConfirmed)),
    identity: lockIdentity(yard),
    openInstanceHost: instanceHostOpener(yard),
    trafficOf: (environment) => trafficOf(yard, environment),
  }
}
