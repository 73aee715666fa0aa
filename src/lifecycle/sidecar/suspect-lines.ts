import {lossLimits} from '../../domain/mass-loss.js'
import {type HeldRoutes, type HeldService} from './suspects.js'

/** More services than this are told in one line. */
const mostLines = 10
const mostNames = 5

interface Held {
  services: readonly HeldService[]
  routes?: HeldRoutes | undefined
  environmentVanishedAt?: string | undefined
}

/** A line for people for each loss that is held back. */
export function suspectLines(
  environment: string,
  {environmentVanishedAt, routes, services: held}: Held,
): string[] {
  const lines: string[] = []
  if (environmentVanishedAt !== undefined) {
    const at = clockTime(environmentVanishedAt)
    lines.push(`the environment ${environment} itself vanished at ${at}, followed as it was until it is back`)
  }
  if (routes !== undefined) lines.push(routesLine(routes))
  if (held.length > mostLines) return [...lines, allInOne(held)]
  return [...lines, ...held.map(lineOf)]
}

function routesLine({at, lost, of}: HeldRoutes): string {
  const until = lost === of ? 'back' : clockTime(liftOf(at))
  return `public routes: ${lost} of ${of} vanished at ${clockTime(at)}, held until ${until}`
}

function lineOf({at, lost, movedTo, of, service}: HeldService): string {
  if (movedTo !== undefined) {
    const who = of === 1 ? '1 instance keeps' : `${of} instances keep`
    return `${service}: its traffic was moved at ${clockTime(at)} to release ${movedTo}, which has no instance that is up; ${who} it until it has one`
  }
  if (lost === of) {
    const what = of === 1 ? 'its only instance' : `all ${of} instances`
    return `${service}: ${what} vanished at ${clockTime(at)}, held until back`
  }
  // Its instances are there: what vanished is the record of the service.
  if (lost === 0) return `${service}: its record vanished at ${clockTime(at)}, held until back`
  return `${service}: ${lost} of ${of} instances vanished at ${clockTime(at)}, held until ${clockTime(liftOf(at))}`
}

function allInOne(held: readonly HeldService[]): string {
  const gone = held.filter(({lost, of}) => lost === of)
  const first = held.reduce((least, {at}) => (at < least ? at : least), '~')
  const names = (gone.length > 0 ? gone : held).slice(0, mostNames).map(({service}) => service)
  const shown = `${names.join(', ')}, …`
  if (gone.length === 0) {
    return `${held.length} services lost instances at ${clockTime(first)} (${shown}), held until ${clockTime(liftOf(first))} or later`
  }
  const what =
    gone.length === held.length
      ? `${held.length} services`
      : `${gone.length} services and instances of others`
  return `${what} vanished at ${clockTime(first)} (${shown}), held until back`
}

function liftOf(at: string): string {
  return new Date(Date.parse(at) + lossLimits.holdMillis).toISOString()
}

/** `12:00:01 UTC` */
function clockTime(instant: string): string {
  return `${instant.slice(11, 19)} UTC`
}
