import {type Catalog} from '../catalog/catalog.js'
import {findService} from '../catalog/find.js'
import {type GraphDrawer} from '../contracts/graph-drawer.js'
import {type Report} from '../contracts/report.js'
import {type CallGraph, neighbourhood} from '../domain/call-graph.js'
import {callGraphDot} from '../domain/call-graph-dot.js'
import {YardError} from '../errors.js'
import {readCallers} from './call-graph.js'

export const graphFormats = ['tree', 'dot', 'json', 'svg'] as const

export interface GraphNeeds {
  catalog: Catalog
  report: Report
  drawer: () => Promise<GraphDrawer>
}

export interface GraphRequest {
  /** Only this one, its callers and those it calls. */
  service: string | undefined
  format: (typeof graphFormats)[number]
}

export interface GraphReport {
  graph: CallGraph
  /** The file of the wanted format; undefined for a tree, which is for people. */
  text: string | undefined
}

/** A picture of more arrows shows nothing, and takes minutes to lay out. */
const maxDrawnCalls = 1_000

/**
 * Who calls whom, as the services say and as they are allowed.
 * @throws YardError E_SERVICE_UNKNOWN, E_USAGE when there is too much for one picture
 */
export async function graphCalls(needs: GraphNeeds, request: GraphRequest): Promise<GraphReport> {
  const {catalog, drawer} = needs
  const {format} = request
  const service =
    request.service === undefined ? undefined : (await findService(catalog, request.service)).record.name
  const whole = (await readCallers(needs)).graph
  const graph = service === undefined ? whole : neighbourhood(whole, service)
  if (format === 'dot') return {graph, text: callGraphDot(graph)}
  if (format === 'json') return {graph, text: `${JSON.stringify(graph, undefined, 2)}\n`}
  if (format === 'tree') return {graph, text: undefined}
  if (graph.calls.length > maxDrawnCalls) throw tooLarge(graph)
  return {graph, text: await (await drawer()).svg(callGraphDot(graph))}
}

function tooLarge({calls, services}: CallGraph): YardError {
  return new YardError('E_USAGE', {
    what: `Can't draw ${services.length} services with ${calls.length} calls in one picture`,
    why: `nobody could read it; at most ${maxDrawnCalls} calls are drawn`,
    next: [
      'yard graph --service NAME --format svg',
      'yard graph --format dot | sfdp -Tsvg   # with Graphviz installed',
    ],
  })
}
