import {type InstanceChangeNeeds} from '../lifecycle/instances/change.js'
import {confirm, confirmProtected} from './confirm.js'
import {type Yard} from './yard.js'

/** What changing an instance asks of the world; questions are asked on the terminal unless `--yes` was given. */
export async function instanceNeeds(yard: Yard, isConfirmed: boolean): Promise<InstanceChangeNeeds> {
  return {
    catalog: await yard.catalog(),
    report: yard.report,
    actor: yard.actor,
    confirm: (question) => confirm({...question, isConfirmed}),
    confirmProtected: (change) => confirmProtected(yard, {...change, isConfirmed}),
  }
}
