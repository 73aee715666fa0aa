import {type HostSetupFacts} from '../../domain/host-setup-facts.js'
import {type MachineSummary} from './needs.js'

const releasesRoom = '/srv'

/** What a person wants to know of a machine at a glance. */
export function machineSummary(facts: HostSetupFacts): MachineSummary {
  const {clockAheadMillis, disks, isJournalKept, isTimeSynchronised, system, systemdVersion, versions} = facts
  const room = disks.find(({directory}) => directory === releasesRoom)
  const [haproxy, node, python3] = ['haproxy', 'node', 'python3'].map((name) => versions.get(name))
  return {
    system: system.title,
    architecture: system.architecture,
    ...(systemdVersion !== undefined && {systemd: systemdVersion}),
    ...(haproxy !== undefined && {haproxy}),
    ...(node !== undefined && {node}),
    ...(python3 !== undefined && {python3}),
    ...(room !== undefined && {freeBytes: room.freeBytes}),
    ...(room?.freeInodes !== undefined && {freeInodes: room.freeInodes}),
    clockAheadMillis,
    ...(isTimeSynchronised !== undefined && {isTimeSynchronised}),
    isJournalKept,
  }
}
