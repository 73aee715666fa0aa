import {deployAccount} from './host-setup.js'
import {type HostSetupFacts} from './host-setup-facts.js'
import {plainKeys} from './authorized-keys.js'

const tolerableClockMillis = 30_000
/** Members of these are root, in effect. */
const powerfulGroups: readonly string[] = [
  'root',
  'sudo',
  'wheel',
  'adm',
  'docker',
  'lxd',
  'libvirt',
  'shadow',
  'disk',
]
const oldestHaproxy = [2, 4] as const

export interface RemarkSettings {
  /** `ssh.user` of the platform file. */
  configuredUser: string | undefined
}

/** What somebody should know of a machine although it is made ready all the same, one line each. */
export function setupRemarks(facts: HostSetupFacts, {configuredUser}: RemarkSettings): string[] {
  const {account, isHaproxyUnused, isJournalKept, isTimeSynchronised, programs, system, versions} = facts
  const powerful = account?.groups.filter((group) => powerfulGroups.includes(group)) ?? []
  const {leftOut} = plainKeys(facts.loginKeys)
  const haproxy = versions.get('haproxy')
  return [
    ...clockRemarks(facts.clockAheadMillis),
    ...(isTimeSynchronised === true
      ? []
      : ['systemd knows of nothing that keeps its clock right: timedatectl']),
    ...(isJournalKept ? [] : ['what it logs is gone when it starts again: mkdir /var/log/journal, there']),
    ...(programs.has('apt-get') ? [] : [`${system.title} is not a Debian: yard installs nothing there`]),
    ...(haproxy === undefined || !isOld(haproxy)
      ? []
      : [`it has HAProxy ${haproxy}, and yard needs 2.4 or newer`]),
    ...(programs.has('haproxy') && !isHaproxyUnused
      ? ['its haproxy.service has a configuration of its own, and stays as it is; mind which ports it has']
      : []),
    ...(powerful.length === 0
      ? []
      : [`${deployAccount.name} is in ${powerful.join(', ')} there, and may so do more than yard needs`]),
    ...(leftOut === 0
      ? []
      : [
          `${leftOut === 1 ? '1 key' : `${leftOut} keys`} of ${facts.login} ${leftOut === 1 ? 'has' : 'have'} options or can't be read: not given to ${deployAccount.name}`,
        ]),
    ...(configuredUser === undefined || configuredUser === deployAccount.name
      ? []
      : [`yard.yaml has ssh.user: ${configuredUser}, so yard goes on logging in as that`]),
  ]
}

function clockRemarks(aheadMillis: number): string[] {
  if (Math.abs(aheadMillis) <= tolerableClockMillis) return []
  const seconds = Math.round(Math.abs(aheadMillis) / 1000)
  return [
    `its clock is ${seconds} s ${aheadMillis > 0 ? 'ahead' : 'behind'}: logs and locks will not fit together`,
  ]
}

function isOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < oldestHaproxy[0] || (major === oldestHaproxy[0] && minor < oldestHaproxy[1])
}
