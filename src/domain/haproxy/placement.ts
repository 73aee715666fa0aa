import {backendName, isSpareBackend, spareBackend} from './names.js'
import {type RenderedParts, type RenderedRouting} from './rendered.js'

/** Where the services of a model are reached in the HAProxy that runs, and what only a reload can bring. */
export interface Placement {
  /** By service; one that only a reload can bring is missing. */
  backends: ReadonlyMap<string, string>
  /** Why the model takes a reload, one clause each; empty when all of it can be live without one. */
  reasons: readonly string[]
  /** Everything can be live, and still looks different from the files: a service is on a spare backend, or left one idle. */
  isMakeshift: boolean
}

export interface PlacingFacts {
  generation: string
  /** Of that generation; undefined when they aren't known. */
  parts: RenderedParts | undefined
  /** Its `services.map` as it is now. */
  services: ReadonlyMap<string, string>
  /** Backends that have servers, those in maintenance included. */
  occupied: ReadonlySet<string>
}

/** @param spares how many spare backends there are; 0 where HAProxy can't add servers at run time */
export function placeServices(
  running: PlacingFacts,
  rendered: Pick<RenderedRouting, 'generation' | 'parts'>,
  spares: number,
): Placement {
  const names = [...rendered.parts.services.keys()]
  if (running.generation === rendered.generation) {
    return {
      backends: new Map(names.map((name) => [name, backendName(name)])),
      reasons: [],
      isMakeshift: false,
    }
  }
  const {parts} = running
  if (parts === undefined) {
    const placed = names.flatMap((name) => pairOf(name, running.services.get(name)))
    return {backends: new Map(placed), reasons: ['what runs is of an unknown origin'], isMakeshift: true}
  }
  const backends = new Map<string, string>()
  const reasons = parts.frame === rendered.parts.frame ? [] : ['more than services changed']
  const free = freeSpares(running, names, spares)
  for (const name of names) {
    const own = parts.services.get(name)
    const isPlain = rendered.parts.plain.has(name)
    const spare =
      own === undefined ? (spareOf(running, name) ?? (isPlain ? free.shift() : undefined)) : undefined
    const backend = own === undefined ? spare : backendName(name)
    if (backend !== undefined) backends.set(name, backend)
    if (own !== undefined && own !== rendered.parts.services.get(name))
      reasons.push(`the settings of ${name} changed`)
    if (own === undefined && (spare === undefined || !isPlain)) reasons.push(`${name} is new`)
  }
  return {backends, reasons, isMakeshift: true}
}

function spareOf({services}: PlacingFacts, name: string): string | undefined {
  const backend = services.get(name)
  return backend !== undefined && isSpareBackend(backend) ? backend : undefined
}

/** Never one that was used since the last reload: a service's servers are not another one's. */
function freeSpares(running: PlacingFacts, names: readonly string[], spares: number): string[] {
  const taken = new Set(names.map((name) => running.services.get(name)))
  const all = Array.from({length: spares}, (_, index) => spareBackend(index))
  return all.filter((spare) => !taken.has(spare) && !running.occupied.has(spare))
}

function pairOf(name: string, backend: string | undefined): [string, string][] {
  return backend === undefined ? [] : [[name, backend]]
}
