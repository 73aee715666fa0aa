import {LoopbackDoor} from '../adapters/sidecar-door/index.js'
import {defaultRouterPort} from '../domain/environment.js'
import {doorPortOf} from '../domain/sidecar-door.js'
import {type AcceptLossNeeds} from '../lifecycle/sidecar/accept-loss.js'
import {sidecarStatus, sidecarStatusHere, type SidecarStatusReport} from '../lifecycle/sidecar/status.js'
import {heldLines} from '../terminal/sidecar-view.js'
import {confirm} from './confirm.js'
import {declaredEnvironments} from './host-needs.js'
import {type Yard} from './yard.js'

export interface StatusRequest {
  environment: string
  /** Of this machine only, from the sidecar itself. */
  isHere: boolean
  doorPort: number | undefined
}

/** @throws YardError as `sidecarStatus` and `sidecarStatusHere` */
export async function statusOfSidecars(yard: Yard, request: StatusRequest): Promise<SidecarStatusReport> {
  const {environment, isHere} = request
  const {clock, signal} = yard
  if (isHere) {
    const doorPort = request.doorPort ?? doorPortOf(defaultRouterPort)
    return sidecarStatusHere({door: new LoopbackDoor(), clock}, {environment, doorPort})
  }
  const catalog = await yard.catalog()
  return sidecarStatus(
    {catalog, clock, signal},
    {environment, declaredEnvironments: await declaredEnvironments(yard)},
  )
}

/** What is held is shown before anything is asked. `--yes` confirms beforehand. */
export async function acceptLossNeeds(
  yard: Yard,
  environment: string,
  isConfirmed: boolean,
): Promise<AcceptLossNeeds> {
  return {
    catalog: await yard.catalog(),
    clock: yard.clock,
    report: yard.report,
    actor: yard.actor,
    confirm: async (held) => {
      // Whoever confirmed beforehand reads it once, afterwards.
      if (!isConfirmed)
        for (const line of heldLines(held)) yard.report({kind: 'note', text: `held back: ${line}`})
      await confirm({
        purpose: `let go of what the sidecars of ${environment} hold back`,
        consequence: 'Requests stop going to all of it',
        name: environment,
        isConfirmed,
      })
    },
  }
}
