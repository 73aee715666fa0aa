import {neutralise} from '../domain/logs/escapes.js'
import {type ServiceChange} from '../domain/service-diff.js'
import {type RegisterReport} from '../lifecycle/register.js'
import {paint} from './colors.js'

/** What the catalog knows now, as a diff to what it knew. */
export function registerView(report: RegisterReport): string {
  const {changes, dryRun, init, outcome, service} = report
  const name = paint.strong(service.name)
  const done = {
    added: dryRun ? `Would register ${name}` : `${paint.good('✓')} ${name} is registered`,
    changed: dryRun ? `Would update ${name}` : `${paint.good('✓')} ${name} is updated`,
    unchanged: `${name} is registered already, and nothing changed`,
  }
  return [
    ...(init === undefined ? [] : initLines(init, dryRun)),
    done[outcome],
    ...changes.flatMap(changeLines),
    ...(outcome === 'unchanged' ? [] : ['']),
    ...(dryRun ? [paint.dim('Nothing was changed.')] : nextLines(init)),
  ].join('\n')
}

/** What is in no commit is not deployed. */
function nextLines(init: RegisterReport['init']): string[] {
  const written = (init?.written ?? []).map(({path}) => neutralise(path.slice(path.lastIndexOf('/') + 1)))
  const deploy = paint.command('yard deploy --env local')
  if (written.length === 0) return [`Next: ${deploy}`]
  const names = written.join(' ')
  return [
    `Next: ${paint.command(`git add ${names} && git commit -m "Describe the service"`)}`,
    `      ${deploy}`,
  ]
}

function initLines(
  {kept, recognised, written}: NonNullable<RegisterReport['init']>,
  dryRun: boolean,
): string[] {
  const verb = dryRun ? 'Would write' : 'Wrote'
  return [
    ...written.map(({path}) => `${verb} ${neutralise(path)} ${paint.dim(`(${recognised})`)}`),
    ...kept.map((path) => paint.dim(`Kept ${neutralise(path)}`)),
  ]
}

function changeLines({after, before, field}: ServiceChange): string[] {
  return [
    ...(before === undefined ? [] : [paint.bad(`  - ${field}: ${neutralise(before)}`)]),
    ...(after === undefined ? [] : [paint.good(`  + ${field}: ${neutralise(after)}`)]),
  ]
}
