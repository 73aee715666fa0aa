import {withKeys} from '../../domain/authorized-keys.js'
import {
  authorizedKeysFile,
  haproxyPathUnit,
  haproxyPathUnitFile,
  haproxyUnitFile,
  sudoersFile,
  sudoersText,
  temporaryFilesFile,
  temporaryFilesText,
  type WantedFile,
} from '../../domain/host-setup.js'
import {hostProgram} from '../../domain/host-unit.js'
import {type HostSetupFacts} from '../../domain/host-setup-facts.js'
import {haproxyUnitName, haproxyUnits} from '../sidecar/units.js'

export interface WantedFiles {
  files: WantedFile[]
  /** Keys that may not log in yet. */
  addedKeys: number
}

/** Every file that yard has on a host before a release is there, in an order in which each may be put in place. */
export function wantedFiles(
  facts: HostSetupFacts,
  hostScript: string,
  authorizedKeys: readonly string[],
): WantedFiles {
  const keys = withKeys(facts.accountKeys, [...facts.loginKeys, ...authorizedKeys])
  const haproxy = facts.programs.get('haproxy')
  const units = new Map(
    haproxyUnits({...(haproxy !== undefined && {haproxy})}).map(({name, text}) => [name, text]),
  )
  return {
    addedKeys: keys.added,
    files: [
      {path: hostProgram, mode: '755', text: hostScript, check: 'script'},
      {path: sudoersFile, mode: '440', text: sudoersText, check: 'sudoers'},
      {path: temporaryFilesFile, mode: '644', text: temporaryFilesText},
      {path: authorizedKeysFile, mode: '644', text: keys.text},
      {path: haproxyUnitFile, mode: '644', text: units.get(haproxyUnitName) ?? ''},
      {path: haproxyPathUnitFile, mode: '644', text: units.get(haproxyPathUnit) ?? ''},
    ],
  }
}
