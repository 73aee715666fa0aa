import {type DoctorReport, type Finding} from '../lifecycle/doctor.js'
import {paint} from './colors.js'

export function doctorView({findings, isHealthy}: DoctorReport): string {
  const width = Math.max(...findings.map(({check}) => check.length))
  const lines = findings.flatMap((finding) => findingLines(finding, width))
  const verdict = isHealthy
    ? paint.good('Everything yard needs is here.')
    : paint.bad('Something needs your help.')
  return [...lines, '', verdict].join('\n')
}

function findingLines({check, detail, fix, outcome}: Finding, width: number): string[] {
  const marks = {fine: paint.good('✓'), warning: paint.warn('!'), problem: paint.bad('✗')}
  const line = `${marks[outcome]} ${check.padEnd(width)}  ${detail}`
  return fix === undefined ? [line] : [line, `  ${' '.repeat(width)}  ${paint.command(fix)}`]
}
