import {type Catalog} from '../catalog/catalog.js'
import {findService} from '../catalog/find.js'
import {keys} from '../catalog/keys.js'
import {reportBad} from '../catalog/report-bad.js'
import {readRouted} from '../catalog/snapshot.js'
import {type Report} from '../contracts/report.js'
import {releaseId, type Release} from '../domain/release.js'

export interface ReleasesListNeeds {
  catalog: Catalog
  report: Report
}

export interface ListedRelease {
  id: string
  service: string
  number: number
  commit: string
  ref: string
  dirty: boolean
  createdAt: string
  createdBy: string
  /** The environments whose traffic it has. */
  liveIn: string[]
}

/**
 * The releases of one service, or of all, newest first.
 * @throws YardError E_NAME_INVALID or E_SERVICE_UNKNOWN
 */
export async function listReleases(
  {catalog, report}: ReleasesListNeeds,
  request: {service: string | undefined},
): Promise<ListedRelease[]> {
  const service = request.service && (await findService(catalog, request.service)).record.name
  const {records, bad} = await catalog.releases.list(service ? keys.releases(service) : keys.allReleases)
  const live = await liveReleases({catalog, report})
  reportBad(report, bad)
  return records
    .map(({record}) => listed(record, live))
    .sort((left, right) => byText(right.createdAt, left.createdAt) || right.number - left.number)
}

/** Release id to the environments it's live in. */
async function liveReleases({catalog, report}: ReleasesListNeeds): Promise<Map<string, string[]>> {
  const environments = await catalog.environments.list(keys.environments)
  reportBad(report, environments.bad)
  const live = new Map<string, string[]>()
  for (const {record} of environments.records) {
    const {bindings, bad} = await readRouted(catalog, record.name)
    reportBad(report, bad)
    for (const {record: binding} of bindings) {
      const id = releaseId(binding.service, binding.active)
      live.set(id, [...(live.get(id) ?? []), record.name])
    }
  }
  return live
}

function listed(release: Release, live: ReadonlyMap<string, string[]>): ListedRelease {
  const {service, number, commit, ref, dirty, createdAt, createdBy} = release
  const id = releaseId(service, number)
  return {id, service, number, commit, ref, dirty, createdAt, createdBy, liveIn: live.get(id) ?? []}
}

function byText(left: string, right: string): number {
  return left < right ? -1 : Number(left > right)
}
