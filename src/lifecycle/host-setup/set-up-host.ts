import {type HostSetup, type SetupQuestion} from '../../contracts/host-setup.js'
import {type Host} from '../../domain/environment.js'
import {
  authorizedKeysFile,
  guardedDirectories,
  haproxyPathUnit,
  haproxyPathUnitFile,
  haproxyUnit,
  haproxyUnitFile,
  neededPrograms,
  packagedHaproxyUnit,
  roomyDirectories,
  sudoersFile,
  temporaryFilesFile,
  wantedDirectories,
} from '../../domain/host-setup.js'
import {hostProgram} from '../../domain/host-unit.js'
import {type SetupChange, setupChanges} from '../../domain/host-setup-changes.js'
import {type HostSetupFacts} from '../../domain/host-setup-facts.js'
import {followed, roomObstacle, setupObstacle, type SetupObstacle} from '../../domain/host-setup-obstacle.js'
import {setupRemarks} from '../../domain/setup-remarks.js'
import {setupStepText} from '../../domain/setup-step-text.js'
import {YardError} from '../../errors.js'
import {untilAborted} from '../deploy/wait.js'
import {checkLogin} from './check-login.js'
import {recordDifferences, recordReady} from './host-record.js'
import {machineSummary} from './machine-summary.js'
import {type HostSetupNeeds, type HostSetupRequest, type OpenedSetup, type SetUpHost} from './needs.js'
import {wantedFiles} from './wanted-files.js'

export interface OneSetup {
  host: Host
  request: HostSetupRequest
  /** Root or somebody with sudo. */
  login: string
  hostScript: string
}

/** @throws YardError for everything that keeps this host from being ready, and the signal's reason when it aborts */
export async function setUpHost(needs: HostSetupNeeds, one: OneSetup): Promise<SetUpHost> {
  const {host, login, request} = one
  const opened = await needs.openHost(host, {user: login, acceptsNewKey: request.acceptsNewKey})
  try {
    const facts = await look(needs, one, opened)
    const changes = changesOf(facts, one)
    const known: SetUpHost = {
      host: host.name,
      address: host.address,
      login,
      outcome: 'unchanged',
      changes: [
        ...changes.map(({found, step, subject}) => ({subject, found, command: setupStepText(step)})),
        ...recordDifferences(host),
      ],
      machine: machineSummary(facts),
      remarks: setupRemarks(facts, {configuredUser: needs.configuredUser(host)}),
    }
    const room = changes.length === 0 ? undefined : roomObstacle(facts)
    if (request.mode !== 'apply') {
      const remarks = room === undefined ? known.remarks : [...known.remarks, room.why]
      return {...known, remarks, outcome: known.changes.length === 0 ? 'unchanged' : 'differs'}
    }
    if (room !== undefined) throw hindered(host, room)
    const ready = changes.length === 0 ? facts : await makeReady(needs, one, opened.setup, changes)
    const hostKeys = await checkLogin(needs, host, {keys: ready.hostKeys, newKey: opened.newHostKey()})
    const pinnedKeys = await recordReady(needs, host, hostKeys)
    const outcome = known.changes.length === 0 ? 'unchanged' : 'ready'
    return {...known, outcome, ...(pinnedKeys.length > 0 && {pinnedKeys})}
  } finally {
    await opened.close()
  }
}

async function look(
  needs: HostSetupNeeds,
  {host, request}: OneSetup,
  {setup}: OpenedSetup,
): Promise<HostSetupFacts> {
  const facts = await untilAborted(needs.signal, setup.facts(question))
  const obstacle = setupObstacle(facts, request.mayInstall)
  if (obstacle !== undefined) throw hindered(host, obstacle)
  return facts
}

/** Looks again afterwards: what a step said of itself isn't believed. */
async function makeReady(
  needs: HostSetupNeeds,
  one: OneSetup,
  setup: HostSetup,
  changes: readonly SetupChange[],
): Promise<HostSetupFacts> {
  // What was begun there goes on to its end, also when nobody waits for it any more.
  await untilAborted(needs.signal, setup.apply(changes.map(({step}) => step)))
  const facts = await untilAborted(needs.signal, setup.facts(question))
  const [left] = changesOf(facts, one)
  if (left === undefined && facts.isSudoAllowed) return facts
  const why =
    left === undefined
      ? `sudo there does not follow ${sudoersFile}`
      : `after all steps, ${left.subject} ${left.found}`
  throw new YardError('E_HOST_SETUP', {
    what: `Can't make ${one.host.name} ready`,
    why,
    next: [
      left === undefined
        ? 'sudo grep includedir /etc/sudoers   # there: it has to name /etc/sudoers.d'
        : 'run the command again',
      'look for somebody else who looks after this machine, such as Ansible or Puppet',
    ],
    details: {host: one.host.name},
  })
}

function changesOf(facts: HostSetupFacts, {hostScript, request}: OneSetup): SetupChange[] {
  const {addedKeys, files} = wantedFiles(facts, hostScript, request.authorizedKeys)
  return setupChanges(facts, files, addedKeys)
}

const question: SetupQuestion = {
  paths: [
    ...guardedDirectories.map(followed),
    ...wantedDirectories.map(({path}) => path),
    ...[
      hostProgram,
      sudoersFile,
      temporaryFilesFile,
      authorizedKeysFile,
      haproxyUnitFile,
      haproxyPathUnitFile,
    ],
  ],
  programs: [...neededPrograms.keys(), 'apt-get', 'node', 'python3'],
  units: [haproxyUnit, haproxyPathUnit, packagedHaproxyUnit],
  rooms: roomyDirectories,
}

function hindered(host: Host, {code, next, why}: SetupObstacle): YardError {
  return new YardError(code, {
    what: `Can't make ${host.name} ready`,
    why,
    next: [...next],
    details: {host: host.name},
  })
}
