import {type Catalog} from '../../catalog/catalog.js'
import {refuse} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {type Clock} from '../../contracts/clock.js'
import {type DocumentParser} from '../../contracts/documents.js'
import {type DescribedService} from '../../domain/backstage.js'
import {type ServiceChange, serviceChanges} from '../../domain/service-diff.js'
import {type Service} from '../../domain/service.js'
import {type GuardedWrite, writeBatches} from '../catalog/write-batches.js'
import {type LeftOut, readEntities} from './import-file.js'

export interface ServicesImportNeeds {
  catalog: Catalog
  clock: Clock
  documents: DocumentParser
  signal: AbortSignal
}

export interface ServicesImportRequest {
  /** What the text is called in messages. */
  file: string
  text: string
  /** Also changes services that are registered already. */
  update: boolean
  dryRun: boolean
}

export interface ServicesImportReport {
  dryRun: boolean
  services: ImportedService[]
  leftOut: LeftOut[]
}

export interface ImportedService {
  name: string
  /** `kept`: it is registered already, and differs. */
  outcome: 'added' | 'changed' | 'unchanged' | 'kept'
  changes: ServiceChange[]
}

/**
 * Registers the services that Backstage entities describe. How they are run isn't known from there: they have no
 * processes until `yard register` was run in their repository. What is registered already stays as it is unless
 * `update` is wanted, and then keeps its processes, its health check and its port.
 * @throws YardError E_IMPORT_FILE, E_CATALOG_CORRUPT, E_CONFLICT
 */
export async function importServices(
  needs: ServicesImportNeeds,
  request: ServicesImportRequest,
): Promise<ServicesImportReport> {
  const {catalog, clock, documents} = needs
  const {leftOut, services} = readEntities(documents, request.file, request.text)
  const now = clock.now().toISOString()
  const imported: ImportedService[] = []
  const writes: GuardedWrite[] = []
  for (const described of services) {
    const key = keys.service(described.name)
    const present = await catalog.services.get(key, refuse)
    const service = serviceOf(described, present?.record, now)
    const changes = serviceChanges(present?.record, service)
    const outcome = outcomeOf(present !== undefined, changes.length > 0, request.update)
    imported.push({name: described.name, outcome, changes})
    if (outcome === 'added' || outcome === 'changed') {
      const compare = {key, target: 'modified', revision: present?.modRevision ?? 0} as const
      writes.push({compare, write: catalog.services.put(key, service)})
    }
  }
  if (!request.dryRun) await writeBatches(needs, writes)
  return {dryRun: request.dryRun, services: imported, leftOut}
}

function serviceOf(described: DescribedService, present: Service | undefined, now: string): Service {
  const {calls, description, name, owner, repository} = described
  const known: Service = present ?? {
    v: 1,
    name,
    owner,
    description,
    processes: {},
    health: {path: '/readyz', timeoutMillis: 30_000, stableMillis: 3_000},
    routes: [
      {kind: 'header', value: name},
      {kind: 'internal', value: name},
    ],
    registeredAt: now,
    updatedAt: now,
  }
  return {
    ...known,
    owner,
    description,
    ...(repository !== undefined && {repository}),
    ...(calls.length > 0 && {calls}),
    updatedAt: now,
  }
}

function outcomeOf(isPresent: boolean, differs: boolean, isUpdate: boolean): ImportedService['outcome'] {
  if (!isPresent) return 'added'
  if (!differs) return 'unchanged'
  return isUpdate ? 'changed' : 'kept'
}
