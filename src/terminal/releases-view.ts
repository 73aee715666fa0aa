import {type ListedRelease} from '../lifecycle/releases-list.js'
import {paint} from './colors.js'
import {ago} from './elapsed.js'
import {table} from './table.js'

export function releasesView(releases: readonly ListedRelease[], now: Date): string {
  if (releases.length === 0) return `There is no release yet. Make one: ${paint.command('yard deploy')}`
  const rows = releases.map(({id, commit, ref, dirty, createdAt, createdBy, liveIn}) => [
    {text: id, style: paint.strong},
    dirty ? `${commit.slice(0, 8)}+changes` : commit.slice(0, 8),
    ref,
    ago(createdAt, now),
    createdBy,
    {text: liveIn.join(', ') || '-', style: liveIn.length > 0 ? paint.good : paint.dim},
  ])
  return table(['RELEASE', 'COMMIT', 'REF', 'WHEN', 'BY', 'LIVE IN'], rows, paint.dim)
}
