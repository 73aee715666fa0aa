import {type DeployNeeds} from '../lifecycle/deploy.js'
import {confirmProtected} from './confirm.js'
import {deployNeeds} from './deploy-needs.js'
import {type Yard} from './yard.js'

export interface ConfirmedNeeds extends DeployNeeds {
  confirmProtected: (change: {environment: string; purpose: string}) => Promise<void>
}

/** What changing what runs in an environment takes, with the question that a protected one asks; `--yes` answers it. */
export async function confirmedNeeds(yard: Yard, isConfirmed: boolean): Promise<ConfirmedNeeds> {
  return {
    ...(await deployNeeds(yard)),
    confirmProtected: (change) => confirmProtected(yard, {...change, isConfirmed}),
  }
}
