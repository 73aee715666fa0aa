import {haproxyFeatures} from '../domain/haproxy/features.js'
import {type RenderSettings} from '../domain/haproxy/render-settings.js'
import {headerVariants} from '../domain/haproxy/names.js'
import {endpointOf, type RoutedEdge, type RoutingModel} from '../domain/routing.js'

import {closedPage, unknownPage} from './haproxy-pages.js'
import {type PackFile} from './pack.js'
import {files} from './precompiled/haproxy.js'
import {renderTemplate} from './render.js'

/** Stands in the text while its hash is taken. */
export const noGeneration = '0'.repeat(64)

/** How soon a caller may ask a closed service again. */
const retrySeconds = 60

/** All that is in front of the backends, with `noGeneration` for its generation. */
export function frameText(model: RoutingModel, settings: RenderSettings): string {
  const {hostOnly} = haproxyFeatures(settings.version)
  const {header, statistics, edge} = model
  const shared = {header, hostOnly, closedPage, unknownPage, retrySeconds}
  const global = {...settings, generation: noGeneration, encrypts: edge?.https !== undefined}
  return [
    renderTemplate(haproxyTemplate('global.cfg'), global),
    renderTemplate(haproxyTemplate('host.cfg'), {...shared, listen: endpointOf(model.listen)}),
    statistics === undefined
      ? ''
      : renderTemplate(haproxyTemplate('statistics.cfg'), {statistics: endpointOf(statistics)}),
    edge === undefined
      ? ''
      : renderTemplate(haproxyTemplate('edge.cfg'), {...shared, ...edgeContext(header, edge, settings)}),
  ].join('')
}

export function haproxyTemplate(path: string): PackFile {
  const file = files.find((candidate) => candidate.path === path)
  if (file === undefined) throw new Error(`the haproxy templates hold no ${path}`)
  return file
}

function edgeContext(header: string, edge: RoutedEdge, {certificates}: RenderSettings): object {
  const {http, https, requestsPerMinute, maxBodyBytes} = edge
  return {
    http: endpointOf(http),
    https: https && endpointOf(https),
    httpsPort: https === undefined || https.port === 443 ? '' : `:${https.port}`,
    redirects: https !== undefined && edge.redirectsToHttps,
    hasCertificates: certificates.length > 0,
    headerVariants: headerVariants(header),
    requestsPerMinute,
    maxBodyBytes,
  }
}
