/** A share of what had requests, and at least so many, within a time: more at once looks like a mistake. */
export const lossLimits = {
  windowMillis: 10_000,
  /** Of one service's instances. */
  serviceShare: 0.3,
  /** Of all instances of the environment, and of its services. */
  environmentShare: 0.15,
  least: 2,
  /** Of the public routes: one or two are removed by hand. */
  leastRoutes: 3,
  /** A loss that the catalog still tells after this time is believed, unless it leaves a service with nothing. */
  holdMillis: 60_000,
} as const

/** What one step took from a service by deleting records: not what somebody drained, stopped or moved. */
export interface ServiceLoss {
  service: string
  /** Instances that had requests, and are gone. */
  lost: number
  /** Instances that have requests still. */
  left: number
}

interface PastLoss {
  service: string
  lost: number
  atMillis: number
}

/** Remembers what vanished lately, and tells what must be held back. Times are of one clock that never goes back. */
export class LossWindow {
  private past: PastLoss[] = []

  /** The services of this step whose losses must be held. `leftInAll`: instances that have requests still, of all. */
  judge(losses: readonly ServiceLoss[], leftInAll: number, atMillis: number): Set<string> {
    this.past = this.past.filter((loss) => atMillis - loss.atMillis <= lossLimits.windowMillis)
    for (const {service, lost} of losses) if (lost > 0) this.past.push({service, lost, atMillis})
    const lostOf = new Map<string, number>()
    let lostInAll = 0
    for (const {service, lost} of this.past) {
      lostOf.set(service, (lostOf.get(service) ?? 0) + lost)
      lostInAll += lost
    }
    const isTooMuchInAll = isTooMuch(lostInAll, leftInAll, lossLimits.environmentShare)
    const isHeld = ({left, lost, service}: ServiceLoss) =>
      lost > 0 &&
      (left === 0 || isTooMuchInAll || isTooMuch(lostOf.get(service) ?? lost, left, lossLimits.serviceShare))
    return new Set(losses.filter(isHeld).map(({service}) => service))
  }
}

/** The same for the public routes of an environment, which are followed by no instance. */
export class RouteLossWindow {
  private past: {lost: number; atMillis: number}[] = []

  /** Whether the routes that a step took must be held. `left`: how many there are still. */
  judge(lost: number, left: number, atMillis: number): boolean {
    if (lost === 0) return false
    this.past = this.past.filter((loss) => atMillis - loss.atMillis <= lossLimits.windowMillis)
    this.past.push({lost, atMillis})
    const lostInAll = this.past.reduce((sum, loss) => sum + loss.lost, 0)
    return isTooMuch(lostInAll, left, lossLimits.environmentShare, lossLimits.leastRoutes)
  }
}

function isTooMuch(lost: number, left: number, share: number, least: number = lossLimits.least): boolean {
  return lost >= least && lost > share * (lost + left)
}

/** A held loss and what is known of its service when somebody asks whether it may be believed. */
interface HeldLoss {
  heldAtMillis: number
  /** When the last look at the whole catalog that still told the loss was begun. */
  confirmedAtMillis: number
  /** Instances of the service that the catalog itself gives requests to. */
  left: number
  /** Instances of the service that get requests now, held ones too. */
  followed: number
  /** The service's own record was removed, and this is no part of many vanishing. */
  isRemovedOnPurpose: boolean
}

/** Whether a held loss lifts by itself: never where it would take a service from some to none without a reason. */
export function mayLift(loss: HeldLoss): boolean {
  if (loss.confirmedAtMillis < loss.heldAtMillis + lossLimits.holdMillis) return false
  return loss.left > 0 || loss.followed === 0 || loss.isRemovedOnPurpose
}

/**
 * Whether a service whose record is gone was removed on purpose: one may go alone, else at most a share of all.
 * `vanished`: when the record of each service that is gone vanished. `present`: how many services there still are.
 */
export function isRemovedOnPurpose(
  service: string,
  vanished: ReadonlyMap<string, number>,
  present: number,
): boolean {
  const at = vanished.get(service)
  if (at === undefined || present === 0) return false
  const together = [...vanished.values()].filter(
    (other) => Math.abs(other - at) <= lossLimits.windowMillis,
  ).length
  return together <= Math.max(1, lossLimits.environmentShare * (present + together))
}
