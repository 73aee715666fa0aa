import {type GenerateReport} from '../lifecycle/generate/generate.js'

/** What was made and what to do next; for a dry run, what would be made. */
export function generateView(report: GenerateReport): string {
  return report.dryRun ? dryRunView(report) : doneView(report)
}

function doneView(report: GenerateReport): string {
  const millis = report.steps.reduce((sum, step) => sum + step.millis, 0)
  const state = report.installed
    ? 'installed, tested, committed'
    : 'committed; its dependencies are not installed'
  return [
    `${report.service} is in ${report.directory}: ${report.files.length} files, ${state} (${seconds(millis)}).`,
    `In development it answers on http://127.0.0.1:${report.answers.port}/ (npm run dev).`,
    '',
    'Next:',
    ...report.next.map((line) => `  ${line}`),
  ].join('\n')
}

function dryRunView(report: GenerateReport): string {
  const lines = report.files.map((file) => `  create ${file.mode} ${file.sha256.slice(0, 12)} ${file.path}`)
  return [
    `${report.service} would be made in ${report.directory}: ${report.files.length} files, tree ${report.tree}.`,
    ...lines,
  ].join('\n')
}

function seconds(millis: number): string {
  return `${(millis / 1000).toFixed(1)} s`
}
