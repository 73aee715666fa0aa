import {type EdgeRoute, type RoutedService, type RoutingModel} from '../routing.js'

import {backendName} from './names.js'

/** A key and a value, both without a space: a line of a map, and the words of `add map`. */
export type MapLine = readonly [key: string, value: string]

export function mapText(lines: readonly MapLine[]): string {
  return lines.map(([key, value]) => `${key} ${value}\n`).join('')
}

export function serviceLine({name}: Pick<RoutedService, 'name'>): MapLine {
  return [name, backendName(name)]
}

/** The spaces of the message are written as `%20`; the file that reads it turns them back. */
export function maintenanceLines(services: readonly RoutedService[]): MapLine[] {
  return services.flatMap(({name, maintenance}): MapLine[] =>
    maintenance === undefined ? [] : [[name, maintenance.replaceAll(' ', '%20')]],
  )
}

export function publicLines(edge: NonNullable<RoutingModel['edge']>): MapLine[] {
  return edge.routes.map(publicLine)
}

/** The slash at the end keeps `/app` from being taken for the beginning of `/application`. */
function publicLine({host, path, service}: EdgeRoute): MapLine {
  return [path === '/' ? `${host}/` : `${host}${path}/`, service]
}
