import {unchanged} from '../catalog/collection.js'
import {type Catalog} from '../catalog/catalog.js'
import {keys} from '../catalog/keys.js'
import {type Clock} from '../contracts/clock.js'
import {type DocumentParser} from '../contracts/documents.js'
import {type Files} from '../contracts/files.js'
import {type SourceRepository} from '../contracts/source-repository.js'
import {serviceChanges, type ServiceChange} from '../domain/service-diff.js'
import {type Service} from '../domain/service.js'
import {YardError} from '../errors.js'
import {type InitReport, initServiceFiles} from './register/init.js'
import {readServiceFiles, type ServiceFiles} from './service-file.js'

export interface RegisterNeeds {
  catalog: Catalog
  clock: Clock
  documents: DocumentParser
  files: Files
  repository: Pick<SourceRepository, 'findRoot' | 'originUrl' | 'identity'>
  actor: string
}

export interface RegisterRequest {
  directory: string
  /** Writes the files that are missing first. */
  init: boolean
  dryRun: boolean
}

export interface RegisterReport {
  outcome: 'added' | 'changed' | 'unchanged'
  dryRun: boolean
  service: Service
  changes: ServiceChange[]
  init?: InitReport
}

/**
 * Puts the service of a directory into the catalog. Again is an update.
 * @throws YardError E_NO_REPOSITORY, E_SERVICE_FILE
 */
export async function register(needs: RegisterNeeds, request: RegisterRequest): Promise<RegisterReport> {
  const root = await needs.repository.findRoot(request.directory)
  if (root === undefined) throw noRepository(request.directory)
  const init = request.init ? await initServiceFiles(needs, request) : undefined
  const read = await readServiceFiles(
    {documents: needs.documents, files: init === undefined ? needs.files : withTexts(needs.files, init)},
    {directory: request.directory, purpose: 'register this service'},
  )
  return {...(await store(needs, request, root, read)), ...(init !== undefined && {init})}
}

async function store(
  needs: RegisterNeeds,
  request: RegisterRequest,
  root: string,
  read: ServiceFiles,
): Promise<Omit<RegisterReport, 'init'>> {
  const {catalog} = needs
  const key = keys.service(read.service.name)
  const repository = (await needs.repository.originUrl(root)) ?? root
  for (;;) {
    const present = await catalog.services.get(key)
    const service = describe(needs, read, repository, present?.record)
    const changes = serviceChanges(present?.record, service)
    if (present !== undefined && changes.length === 0) {
      return {outcome: 'unchanged', dryRun: request.dryRun, service: present.record, changes}
    }
    const report = {
      outcome: present === undefined ? ('added' as const) : ('changed' as const),
      dryRun: request.dryRun,
      service,
      changes,
    }
    if (request.dryRun) return report
    const entry = await catalog.store.get(key)
    // A record that can't be read is replaced by this one, which is what the person asked for.
    const written = await catalog.attempt(
      [unchanged(key, present ?? entry)],
      [catalog.services.put(key, service)],
    )
    if (written !== false) return report
  }
}

function describe(
  needs: RegisterNeeds,
  {processes, service}: ServiceFiles,
  repository: string,
  present: Service | undefined,
): Service {
  const now = needs.clock.now().toISOString()
  return {
    v: 1,
    name: service.name,
    owner: service.owner,
    description: service.description,
    repository: repository.slice(0, 2_000),
    processes,
    health: service.health,
    routes: [
      {kind: 'header', value: service.name},
      {kind: 'internal', value: service.name},
    ],
    ...(service.port !== undefined && {port: service.port}),
    ...(service.calls.length > 0 && {calls: service.calls}),
    ...(Object.keys(service.routing).length > 0 && {routing: service.routing}),
    registeredAt: present?.registeredAt ?? now,
    updatedAt: now,
  }
}

/** The files as they will be: a dry run reads what it would have written. */
function withTexts(files: Files, {written}: InitReport): Pick<Files, 'readText'> & Files {
  const texts = new Map(written.map(({path, text}) => [path, text]))
  return {
    readText: async (path, maxBytes) => texts.get(path) ?? files.readText(path, maxBytes),
    writeText: (path, text) => files.writeText(path, text),
    exists: (path) => files.exists(path),
    find: (directory, globs) => files.find(directory, globs),
    list: (directory) => files.list(directory),
  }
}

function noRepository(directory: string): YardError {
  return new YardError('E_NO_REPOSITORY', {
    what: "Can't register this service",
    why: `${directory} is not in a git repository`,
    next: ['cd into the directory of the service', 'git init'],
  })
}
