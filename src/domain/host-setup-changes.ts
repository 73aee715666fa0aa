import {createHash} from 'node:crypto'

import {
  authorizedKeysFile,
  deployAccount,
  haproxyPathUnit,
  haproxyUnit,
  neededPrograms,
  packagedHaproxyUnit,
  type SetupStep,
  type WantedDirectory,
  wantedDirectories,
  type WantedFile,
} from './host-setup.js'
import {type FoundPath, type HostSetupFacts} from './host-setup-facts.js'

/** One thing that isn't as it should be, and what makes it so. */
export interface SetupChange {
  /** A path, a package, a unit, a user. */
  subject: string
  /** In what way it differs, for people: `isn't there`. */
  found: string
  step: SetupStep
}

/** Everything that isn't as it should be, in the order in which it can be put right; empty when the host is ready. */
export function setupChanges(
  facts: HostSetupFacts,
  files: readonly WantedFile[],
  addedKeys: number,
): SetupChange[] {
  const written = files.flatMap((file) => fileChange(facts, file, addedKeys))
  return [
    ...packageChange(facts),
    ...accountChange(facts),
    ...wantedDirectories.flatMap((directory) => directoryChange(facts, directory)),
    ...written,
    ...unitChanges(facts, written),
  ]
}

function packageChange({programs}: HostSetupFacts): SetupChange[] {
  const missing = [...neededPrograms].filter(([program]) => !programs.has(program))
  if (missing.length === 0) return []
  const names = [...new Set(missing.map(([, name]) => name))]
  return [
    {
      subject: names.join(' '),
      found: names.length === 1 ? "isn't installed" : "aren't installed",
      step: {kind: 'packages', names},
    },
  ]
}

function accountChange({account}: HostSetupFacts): SetupChange[] {
  const subject = `user ${deployAccount.name}`
  if (account === undefined) {
    return [{subject, found: "isn't there", step: {kind: 'account', isNew: true}}]
  }
  const {home, password, shell} = account
  const faults = [
    ...(home === deployAccount.home ? [] : [`has its home in ${home}, not ${deployAccount.home}`]),
    ...(shell === deployAccount.shell ? [] : [`has the shell ${shell}, not ${deployAccount.shell}`]),
    ...(password === 'none' ? [] : ['is locked']),
  ]
  if (faults.length === 0) return []
  return [{subject, found: faults.join(', '), step: {kind: 'account', isNew: false}}]
}

function directoryChange({paths}: HostSetupFacts, wanted: WantedDirectory): SetupChange[] {
  const found = difference(paths.get(wanted.path), wanted)
  return found === undefined ? [] : [{subject: wanted.path, found, step: {kind: 'directory', ...wanted}}]
}

function fileChange({paths}: HostSetupFacts, wanted: WantedFile, addedKeys: number): SetupChange[] {
  const present = paths.get(wanted.path)
  const found =
    difference(present, {...wanted, owner: 'root'}) ??
    // What an administrator wrote between the keys is theirs: only a missing key is a difference.
    (wanted.path === authorizedKeysFile ? keysDifference(addedKeys) : contentDifference(present, wanted.text))
  return found === undefined ? [] : [{subject: wanted.path, found, step: {kind: 'file', ...wanted}}]
}

function unitChanges(facts: HostSetupFacts, written: readonly SetupChange[]): SetupChange[] {
  const {isHaproxyUnused, programs, units} = facts
  const isWritten = written.some(({subject}) => /\.(?:service|path)$/.test(subject))
  const isOutdated = [haproxyUnit, haproxyPathUnit].some((name) => units.get(name)?.isOutdated === true)
  const packaged = units.get(packagedHaproxyUnit)
  const isOn = packaged?.isEnabled === true || packaged?.isActive === true
  const path = units.get(haproxyPathUnit)
  const off = (found: string): SetupChange => ({
    subject: packagedHaproxyUnit,
    found,
    step: {kind: 'unit-off', unit: packagedHaproxyUnit},
  })
  return [
    ...(isWritten || isOutdated
      ? [{subject: 'systemd', found: "hasn't read its units", step: {kind: 'reload-units'} as const}]
      : []),
    ...(programs.has('haproxy') ? [] : [off('comes with the package and serves nothing')]),
    ...(isHaproxyUnused && isOn ? [off('is on and serves nothing')] : []),
    ...(path?.isEnabled === true && path.isActive
      ? []
      : [
          {
            subject: haproxyPathUnit,
            found: "isn't on",
            step: {kind: 'unit-on', unit: haproxyPathUnit} as const,
          },
        ]),
  ]
}

/** Of where it is, whose it is and who may do what; undefined when that is right. */
function difference(
  present: FoundPath | undefined,
  {mode, owner}: Pick<WantedDirectory, 'mode' | 'owner'>,
): string | undefined {
  if (present === undefined || present.kind === 'absent') return "isn't there"
  if (present.owner !== owner) return `belongs to ${present.owner}, not ${owner}`
  return present.mode === mode ? undefined : `has the mode ${octal(present.mode)}, not ${octal(mode)}`
}

function contentDifference(present: FoundPath | undefined, text: string): string | undefined {
  const wanted = createHash('sha256').update(text).digest('hex')
  return present?.sha256 === wanted ? undefined : 'has another content'
}

function keysDifference(added: number): string | undefined {
  if (added === 0) return undefined
  return added === 1 ? 'lacks a key' : `lacks ${added} keys`
}

function octal(mode: string): string {
  return mode.padStart(4, '0')
}
