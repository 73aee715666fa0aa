import {type FollowedState} from './followed-state.js'
import {type SidecarIdentity} from './agent-record.js'
import {type RoutingProgress} from './routing-progress.js'

/** What a sidecar can be watched by, in the text format of Prometheus. `now` never goes back. */
export function sidecarMetrics(
  identity: SidecarIdentity,
  state: FollowedState,
  progress: RoutingProgress,
  now: number,
): string {
  const {environment, host, version, haproxyVersion} = identity
  const {behindSince, lastChange, reloads, seen} = progress
  const secondsSince = (millis: number | undefined) => Math.max(0, now - (millis ?? now)) / 1_000
  return [
    metric('info', 'gauge', 'What runs here', [[{environment, host, version, haproxy: haproxyVersion}, 1]]),
    metric('seen_revision', 'gauge', 'Newest revision of the catalog that was seen', state.revision),
    metric('applied_revision', 'gauge', 'Revision that HAProxy follows', progress.appliedRevision),
    metric(
      'seconds_since_seen',
      'gauge',
      'Since the catalog was last heard to hold nothing newer',
      secondsSince(seen?.millis),
    ),
    metric(
      'seconds_behind',
      'gauge',
      'For how long HAProxy has not followed all of what was seen',
      secondsSince(behindSince?.millis),
    ),
    metric('stale', 'gauge', 'Whether the catalog is away', Number(state.staleSince !== undefined)),
    metric('records', 'gauge', 'Records of routing that are followed', state.records),
    metric('last_change_seconds', 'gauge', 'How long the last change of HAProxy took', [
      ...(lastChange === undefined
        ? []
        : [[{how: lastChange.how}, lastChange.durationMillis / 1_000] as const]),
    ]),
    metric(
      'reloads_total',
      'counter',
      'Reloads by outcome; avoided: changes that took none',
      Object.entries(reloads).map(([outcome, value]) => [{outcome}, value] as const),
    ),
    metric('failures_total', 'counter', 'Changes that did not get through', progress.failures),
    metric(
      'problem',
      'gauge',
      'Whether something keeps HAProxy from following',
      Number(progress.problem !== undefined),
    ),
    metric('workers', 'gauge', 'Workers of HAProxy, those on their way out included', progress.workers),
    metric('suspects', 'gauge', 'Losses that are held back', state.suspects.length),
    metric('quarantined_records', 'gauge', 'Records that are not trusted', state.bad.length),
    metric('skipped', 'gauge', 'What was left out of the configuration', progress.skipped.length),
    metric('drift', 'gauge', 'Differences between HAProxy and what was applied', progress.drift.length),
    metric('reload_owed', 'gauge', 'Whether a reload is waiting', Number(progress.isReloadOwed)),
  ].join('')
}

type Labels = Readonly<Record<string, string>>

function metric(
  name: string,
  type: 'gauge' | 'counter',
  help: string,
  values: number | readonly (readonly [Labels, number])[],
): string {
  const full = `yard_sidecar_${name}`
  const samples = typeof values === 'number' ? [[{}, values] as const] : values
  const lines = samples.map(([labels, value]) => `${full}${labelText(labels)} ${value}\n`)
  return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${lines.join('')}`
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`,
  )
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
