import {type Deploy} from './deploy.js'

/**
 * The release that `yard rollback` returns to: the last one that was fully live before the active one. Going back
 * twice goes back two releases, never forward to the one that was left. Deploys may come in any order.
 */
export function rollbackTarget(deploys: readonly Deploy[], active: number | undefined): number | undefined {
  const line = releasesThatWereLive(deploys).filter((release, index, all) => all.indexOf(release) === index)
  const position = active === undefined ? -1 : line.lastIndexOf(active)
  return position === -1 ? line.at(-1) : line[position - 1]
}

/** Oldest first; a rollback forgets what came after the release it returned to. */
function releasesThatWereLive(deploys: readonly Deploy[]): number[] {
  const line: number[] = []
  const live = deploys.filter(({outcome}) => outcome === 'live')
  for (const {kind, release} of [...live].sort((one, other) => one.number - other.number)) {
    if (release === undefined) continue
    const known = kind === 'rollback' ? line.lastIndexOf(release) : -1
    if (known === -1) line.push(release)
    else line.length = known + 1
  }
  return line
}
