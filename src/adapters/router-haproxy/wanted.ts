import {type RouterHost} from '../../contracts/router-host.js'
import {type Placement} from '../../domain/haproxy/placement.js'
import {type MapContents, readMapFile} from '../../domain/haproxy/map-change.js'
import {type RenderedRouting, servicesMap} from '../../domain/haproxy/rendered.js'
import {renderSettings, type RenderSettings} from '../../domain/haproxy/render-settings.js'
import {usableModel} from '../../domain/haproxy/usable-model.js'
import {isVersionAtLeast} from '../../domain/haproxy/version.js'
import {type RoutingModel} from '../../domain/routing.js'

/** A model in all its forms. */
export interface Wanted {
  /** The usable part of what was asked for. */
  model: RoutingModel
  settings: RenderSettings
  rendered: RenderedRouting
  /** One line for people per thing that was left out. */
  skipped: string[]
}

export type Render = (model: RoutingModel, settings: RenderSettings) => RenderedRouting

/** @throws YardError E_HAPROXY_CONFIG when the model can't be used at all */
export async function wantedOf(
  requested: RoutingModel,
  host: RouterHost,
  render: Render,
  given: Partial<RenderSettings> & {version: string},
): Promise<Wanted> {
  const {model, skipped} = usableModel(requested)
  const directory = model.edge?.https === undefined ? undefined : model.edge.certificateDirectory
  const {usable, broken} =
    directory === undefined ? {usable: [], broken: []} : await host.certificates(directory)
  const canAdd = isVersionAtLeast(given.version, firstWithAddServer)
  const settings = renderSettings({
    ...given,
    adminSocket: host.places.adminSocket,
    certificates: usable.map(({path}) => path),
    ...(!canAdd && {spares: 0}),
  })
  return {model, settings, rendered: render(model, settings), skipped: [...skipped, ...broken]}
}

/** HAProxy's that adds a server with a health check over its socket. */
export const firstWithAddServer = [2, 6] as const

/** What the maps of the running HAProxy are to hold: services are where they were placed, which may be a spare backend. */
export function liveMaps({rendered}: Wanted, {backends}: Placement): MapContents {
  const maps = rendered.files.filter(({name}) => name.endsWith('.map'))
  return new Map(
    maps.map(({name, text}) => {
      const entries = readMapFile(text)
      if (name !== servicesMap) return [name, entries]
      const placed = [...entries.keys()].flatMap((service): [string, string][] => {
        const backend = backends.get(service)
        return backend === undefined ? [] : [[service, backend]]
      })
      return [name, new Map(placed)]
    }),
  )
}

export function isSameRouting(one: RenderedRouting | undefined, other: RenderedRouting): boolean {
  return one !== undefined && holds(new Map(one.files.map(({name, text}) => [name, text])), other)
}

/** Whether these files, by name, are exactly the rendered ones. */
export function holds(
  files: ReadonlyMap<string, string> | undefined,
  {files: wanted}: Pick<RenderedRouting, 'files'>,
): boolean {
  return files?.size === wanted.length && wanted.every(({name, text}) => files.get(name) === text)
}
