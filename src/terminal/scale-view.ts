import {releaseId} from '../domain/release.js'
import {type ScaledProcess, type ScaleReport} from '../lifecycle/scale/scale.js'
import {paint} from './colors.js'
import {elapsed} from './elapsed.js'
import {type Cell, table} from './table.js'

/** How many instances of each process there are, and how many there shall be. */
export function scaleView(report: ScaleReport): string {
  const {deploy, dryRun, environment, isUnchanged, processes, release, service} = report
  const id = paint.strong(releaseId(service, release))
  const rows = processes.map((one): Cell[] => [
    {text: one.process, style: paint.strong},
    deploy === undefined ? String(one.before) : String(one.wanted),
    wantedCell(one),
    one.isSet ? 'by yard scale' : 'one on every host',
  ])
  const lines = [table(['PROCESS', 'RUNNING', 'WANTED', 'DECIDED'], rows, paint.dim)]
  if (deploy !== undefined) {
    const time = paint.dim(`(deploy ${deploy.deploy}, in ${elapsed(deploy.millis)})`)
    return [`${paint.good('✓')} ${id} is scaled in ${environment} ${time}`, '', ...lines].join('\n')
  }
  const isChange = processes.some(({before, wanted}) => before !== wanted)
  if (dryRun && isChange) {
    return [`Would scale ${id} in ${environment}`, '', ...lines, paint.dim('Nothing was changed.')].join('\n')
  }
  const state = isUnchanged ? ' is scaled like this already, and nothing changed' : ''
  return [`${id} in ${environment}${state}`, '', ...lines].join('\n')
}

function wantedCell({before, wanted}: ScaledProcess): Cell {
  return {text: String(wanted), style: before === wanted ? paint.good : paint.warn}
}
