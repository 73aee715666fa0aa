import {type FleetDownReport} from '../lifecycle/fleet/down.js'
import {type FleetStatusReport} from '../lifecycle/fleet/status.js'
import {type FleetUpReport} from '../lifecycle/fleet/up.js'
import {paint} from './colors.js'
import {type Cell, table} from './table.js'

type ShownHost = FleetUpReport['hosts'][number]

export function fleetUpView(report: FleetUpReport): string {
  const {dryRun, environment, hosts, started} = report
  if (dryRun) {
    const would =
      started.length === 0
        ? `The practice fleet ${paint.strong(environment)} runs already`
        : `Would start ${started.map((name) => paint.strong(name)).join(', ')} as the environment ${environment}`
    return [would, '', paint.dim('Nothing was changed.')].join('\n')
  }
  const count = `${hosts.length} ${hosts.length === 1 ? 'host' : 'hosts'}`
  const first =
    started.length === 0
      ? `The practice fleet ${paint.strong(environment)} runs already: ${count}`
      : `${paint.good('✓')} The practice fleet ${paint.strong(environment)} is up: ${count}`
  return [first, '', hostTable(hosts), '', nextLines(environment, hosts)].join('\n')
}

export function fleetStatusView({environment, hosts, identityFile}: FleetStatusReport): string {
  if (environment === undefined || identityFile === undefined) {
    return `There is no practice fleet on this machine. Start one: ${paint.command('yard fleet up --hosts 3')}`
  }
  const asleep = hosts.some(({state}) => state === 'off' || state === 'gone')
  return [
    `The practice fleet ${paint.strong(environment)}`,
    '',
    hostTable(hosts),
    '',
    `${paint.dim('log in')}  ssh -i ${identityFile} root@${hosts[0]?.address ?? ''}`,
    ...(asleep
      ? ['', `Next: ${paint.command(`yard fleet up --env ${environment}`)}   starts what does not run`]
      : []),
  ].join('\n')
}

export function fleetDownView(report: FleetDownReport): string {
  const {dryRun, ended, environment, kept} = report
  if (dryRun) {
    const would =
      ended.length === 0
        ? 'Nothing of a practice fleet runs on this machine.'
        : `Would end ${ended.join(', ')} with their disks${forgottenText(report, ', and forget')}`
    return [would, '', paint.dim('Nothing was changed.')].join('\n')
  }
  const done =
    ended.length === 0
      ? 'Nothing of a practice fleet runs on this machine.'
      : `${paint.good('✓')} Ended ${ended.join(', ')}; nothing of the practice fleet is left on this machine${forgottenText(report, ', and the catalog forgot')}.`
  if (kept === undefined || environment === undefined) return done
  return [
    done,
    `${paint.warn('!')} The catalog still has the environment ${environment} with ${kept}`,
    `  ${paint.command(`yard fleet up --env ${environment}`)}   brings its hosts back, bare`,
    `  ${paint.command(`yard environments show ${environment}`)}`,
  ].join('\n')
}

function forgottenText({environment, forgotten}: FleetDownReport, verb: string): string {
  if (forgotten === undefined) return ''
  const {deploys, instances} = forgotten
  const parts = [
    ...(instances === 0 ? [] : [`${instances} ${instances === 1 ? 'instance' : 'instances'}`]),
    ...(deploys === 0 ? [] : [`${deploys} ${deploys === 1 ? 'deploy' : 'deploys'}`]),
  ]
  return parts.length === 0 ? '' : `${verb} ${parts.join(' and ')} in ${environment}`
}

function hostTable(hosts: readonly ShownHost[]): string {
  const rows = hosts.map(({address, isSetUp, name, state, systemd}) => [
    {text: name, style: paint.strong},
    address,
    stateCell(state),
    systemd ?? '-',
    isSetUp ? 'yes' : 'no',
  ])
  return table(['HOST', 'ADDRESS', 'STATE', 'SYSTEMD', 'SET UP'], rows, paint.dim)
}

function nextLines(environment: string, hosts: readonly ShownHost[]): string {
  const bare = hosts.filter(({isSetUp}) => !isSetUp)
  const commands = [
    ...(bare.length === 0
      ? []
      : [`yard host setup ${bare.length === 1 ? bare[0]?.name : '--all'} --env ${environment}`]),
    `yard deploy --env ${environment}   # in the repository of a service`,
    'yard fleet down   # ends all of it',
  ]
  return commands
    .map((command, index) => `${index === 0 ? 'Next:' : '     '} ${paint.command(command)}`)
    .join('\n')
}

function stateCell(state: ShownHost['state']): Cell {
  const style = {running: paint.good, starting: paint.warn, off: paint.warn, gone: paint.bad}[state]
  return {text: state, style}
}
