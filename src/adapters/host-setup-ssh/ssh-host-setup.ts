import {type HostSetup, type SetupQuestion} from '../../contracts/host-setup.js'
import {type RemoteResult, type RemoteShell} from '../../contracts/remote-shell.js'
import {authorizedKeysFile, deployAccount, type SetupStep} from '../../domain/host-setup.js'
import {type HostSetupFacts} from '../../domain/host-setup-facts.js'
import {YardError} from '../../errors.js'
import {brokenOff, notBecome, stepFailed} from './setup-failures.js'
import {notRoot, scripts} from './scripts.js'
import {readFacts} from './setup-answers.js'

const lookMillis = 60_000
/** Packages may have to come from far away. */
const applyMillis = 900_000

/** One round trip to look at a machine, and one to make it ready. */
export class SshHostSetup implements HostSetup {
  constructor(private readonly shell: RemoteShell) {}

  async facts({paths, programs, rooms, units}: SetupQuestion): Promise<HostSetupFacts> {
    const lists = [`programs:`, ...programs, 'units:', ...units, 'rooms:', ...rooms, 'paths:', ...paths]
    const before = Date.now()
    const result = await this.asRoot('facts', [authorizedKeysFile, ...lists], lookMillis)
    const asked = {sentMillis: before, heardMillis: Date.now()}
    const facts = result.outcome === 'succeeded' ? readFacts(result.stdout, asked) : undefined
    if (facts !== undefined) return facts
    throw new YardError('E_HOST_SETUP', {
      what: `Can't find out what ${this.shell.host} is like`,
      why: lastLine(result.stderr) ?? `its shell said nothing (exit code ${result.exitCode ?? 'none'})`,
      next: ['run the command again', 'ssh there and look'],
      details: {host: this.shell.host},
    })
  }

  async apply(steps: readonly SetupStep[]): Promise<void> {
    const texts = steps.flatMap((step) => (step.kind === 'file' ? [step.text] : []))
    const result = await this.asRoot('apply', steps.flatMap(wordsOf), applyMillis, texts.join(''))
    if (result.outcome === 'succeeded') return
    const reached = Number(/^step (\d+)$/m.exec(lastStep(result.stdout))?.[1] ?? 0)
    throw stepFailed(this.shell.host, steps[reached], result)
  }

  async mayRun(program: string): Promise<boolean> {
    const result = await this.shell.run({
      file: 'sh',
      args: ['-c', scripts.mayRun, 'yard-host-setup', program],
      deadlineMillis: lookMillis,
    })
    this.refuseBroken(result, lookMillis)
    return result.outcome === 'succeeded'
  }

  /** @throws YardError E_HOST_UNREACHABLE when nobody knows what became of it, E_PERMISSION without root */
  private async asRoot(
    name: 'facts' | 'apply',
    args: readonly string[],
    deadlineMillis: number,
    input?: string,
  ): Promise<RemoteResult> {
    const result = await this.shell.run({
      file: 'sh',
      args: ['-c', scripts.become, 'yard-host-setup', scripts[name], ...args],
      deadlineMillis,
      ...(input !== undefined && {input}),
    })
    this.refuseBroken(result, deadlineMillis)
    if (result.exitCode === notRoot) throw notBecome(this.shell.host, result.stderr)
    return result
  }

  private refuseBroken({outcome}: RemoteResult, deadlineMillis: number): void {
    if (outcome === 'lost' || outcome === 'timed-out')
      throw brokenOff(this.shell.host, outcome, deadlineMillis)
  }
}

/** As the script `apply` takes a step. */
function wordsOf(step: SetupStep): string[] {
  switch (step.kind) {
    case 'packages':
      return ['packages', step.names.join(' ')]
    case 'account':
      return ['account', step.isNew ? 'new' : 'old', deployAccount.home, deployAccount.shell]
    case 'directory':
      return ['directory', step.path, step.owner, step.mode]
    case 'file':
      return ['file', step.path, step.mode, String(Buffer.byteLength(step.text)), step.check ?? 'none']
    case 'reload-units':
      return ['reload-units']
    default:
      return [step.kind, step.unit]
  }
}

function lastStep(output: string): string {
  return (
    output
      .split('\n')
      .filter((line) => line.startsWith('step '))
      .at(-1) ?? ''
  )
}

function lastLine(text: string): string | undefined {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .at(-1)
    ?.slice(0, 500)
}
