import {type Catalog} from '../catalog/catalog.js'
import {keys} from '../catalog/keys.js'
import {reportBad} from '../catalog/report-bad.js'
import {type Report} from '../contracts/report.js'
import {type CallGraph, callGraph} from '../domain/call-graph.js'
import {type Consumer} from '../domain/consumer.js'
import {type Service} from '../domain/service.js'

export interface Callers {
  services: Service[]
  consumers: Consumer[]
  graph: CallGraph
}

/** Reads who calls whom. Records that can't be trusted are reported and left out. */
export async function readCallers({catalog, report}: {catalog: Catalog; report: Report}): Promise<Callers> {
  const listings = [
    await catalog.services.list(keys.services),
    await catalog.consumers.list(keys.consumers),
  ] as const
  const [services, consumers] = listings
  reportBad(report, [...services.bad, ...consumers.bad])
  const found = {
    services: services.records.map(({record}) => record),
    consumers: consumers.records.map(({record}) => record),
  }
  return {...found, graph: callGraph(found.services, found.consumers)}
}
