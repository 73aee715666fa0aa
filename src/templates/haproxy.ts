import {hash} from 'node:crypto'

import {isPlain} from '../domain/haproxy/backend-directives.js'
import {haproxyFeatures} from '../domain/haproxy/features.js'
import {maintenanceLines, mapText, publicLines, serviceLine} from '../domain/haproxy/map-lines.js'
import {type RenderSettings} from '../domain/haproxy/render-settings.js'
import {noServerStates} from '../domain/haproxy/server-states.js'
import {
  certificatesList, configFile, maintenanceMap, publicMap, type RenderedFile, type RenderedRouting, servicesMap, statesFile,
} from '../domain/haproxy/rendered.js' // prettier-ignore
import {type RoutingModel} from '../domain/routing.js'

import {renderedBackends, spareText} from './haproxy-backend.js'
import {frameText, noGeneration} from './haproxy-frame.js'

/** The files of a usable model (see `usableModel`): same model and settings, same bytes. */
export function renderHaproxy(model: RoutingModel, settings: RenderSettings): RenderedRouting {
  const backends = renderedBackends(model)
  const frame = `${frameText(model, settings)}${spareTexts(settings).join('')}`
  const certificates = certificatesText(settings)
  const parts = {
    frame: hash('sha256', isEncrypted(model) ? `${frame}\0${certificates}` : frame),
    services: new Map(model.services.map(({name}, index) => [name, backends[index]?.hash ?? ''])),
    plain: new Set(model.services.filter(isPlain).map(({name}) => name)),
  }
  const generation = hash('sha256', [parts.frame, ...[...parts.services].flat()].join('\n'))
  const config = [frame.replace(noGeneration, generation), ...backends.map(({text}) => text)].join('')
  return {files: [{name: configFile, text: config}, ...mapFiles(model, certificates)], generation, parts}
}

function mapFiles({services, edge}: RoutingModel, certificates: string): RenderedFile[] {
  return [
    {name: servicesMap, text: mapText(services.map(serviceLine))},
    {name: maintenanceMap, text: mapText(maintenanceLines(services))},
    {name: statesFile, text: noServerStates},
    ...(edge === undefined
      ? []
      : [
          {name: publicMap, text: mapText(publicLines(edge))},
          {name: certificatesList, text: certificates},
        ]),
  ]
}

function isEncrypted({edge}: RoutingModel): boolean {
  return edge?.https !== undefined
}

function certificatesText({certificates}: RenderSettings): string {
  return certificates.map((file) => `${file}\n`).join('')
}

function spareTexts({version, spares}: RenderSettings): string[] {
  return haproxyFeatures(version).hasSpares ? Array.from({length: spares}, (_, index) => spareText(index)) : []
}
