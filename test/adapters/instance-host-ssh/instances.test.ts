import {afterEach, describe, expect, test} from '@jest/globals'

import {HostInstances} from '../../../src/adapters/instance-host-ssh/instances.js'
import {
  type RemoteCommand,
  type RemoteProgram,
  type RemoteResult,
  type RemoteShell,
  type RemoteStreamCommand,
  type RemoteStreamOptions,
} from '../../../src/contracts/remote-shell.js'
import {Secret} from '../../../src/domain/secret.js'
import {fence, spec} from './debian.js'

const id = 'billing-r1@web-1'
const state =
  'state billing-r1 active=active sub=running pid=144 restarts=0 since=90000000 result=success exit=- port=8101 owns=n'

describe('instances of a host', () => {
  let instances: HostInstances | undefined
  afterEach(() => instances?.close())

  function over(shell: ScriptedShell): HostInstances {
    instances = new HostInstances(shell)
    return instances
  }

  test('are started by one command, whose words hold no value and no secret', async () => {
    const shell = new ScriptedShell()
    await over(shell).start(
      [
        spec(id, 'node server.js', {
          port: 8101,
          variables: {PLAIN: 'plain-value'},
          secrets: async () => ({TOKEN: new Secret('CANARY-7f3a')}),
          limits: {memoryBytes: 1_000_000, tasks: 20},
          graceMillis: 2_500,
        }),
        spec('billing-r1.worker.2@web-1', 'node worker.js'),
      ],
      fence(7),
    )
    expect(shell.commands).toHaveLength(1)
    expect(shell.commands[0]!.args.slice(-5)).toEqual(['start', 'staging', 'billing', '7', 'web-1'])
    expect(JSON.stringify(shell.commands)).not.toMatch(/CANARY|plain-value|node/)
    expect(shell.input).toBe(
      [
        "instance billing-r1 8101 1000000 20 2500 64\nPLAIN='plain-value'\nTOKEN='CANARY-7f3a'\nset -- 'node server.js'\n",
        "instance billing-r1.worker.2 - - - 2000 24\nset -- 'node worker.js'\nend\n",
      ].join(''),
    )
  })

  test('are known without another command, for as long as the host tells of them', async () => {
    const shell = new ScriptedShell()
    await over(shell).start([spec(id, 'true', {port: 8101})], fence(7))
    expect((await instances!.statuses([id, 'billing-r2@web-1'])).get(id)).toMatchObject({
      running: 'running',
      pid: 144,
    })
    expect(await instances!.ownsPort(id, 8101)).toBe(false)
    shell.say('states', state.replace('owns=n', 'owns=1'), 'seen 101.00')
    expect(await instances!.ownsPort(id, 8101)).toBe(true)
    expect(await instances!.ownsPort(id, 8102)).toBeUndefined()
    expect(await instances!.ownsPort('billing-r2@web-1', 8101)).toBe(false)
    shell.say('states', 'seen 102.00')
    expect((await instances!.statuses([id])).size).toBe(0)
    expect(shell.commands).toHaveLength(1)
  })

  test('are asked for by one command a second once the channel broke', async () => {
    const shell = new ScriptedShell()
    await over(shell).start([spec(id, 'true', {port: 8101})], fence(7))
    await shell.lose()
    shell.answer = {
      outcome: 'succeeded',
      exitCode: 0,
      stdout: `${state.replace('144', '145')}\nseen 100.00\n`,
      stderr: '',
    }
    const found = await Promise.all(Array.from({length: 5}, () => instances!.statuses([id])))
    expect(found.map((each) => each.get(id)?.pid)).toEqual([145, 145, 145, 145, 145])
    expect(shell.commands.map(({args}) => args.at(-1))).toEqual(['web-1', 'list'])
  })

  test('are of a host that is away, when it says nothing', async () => {
    const shell = new ScriptedShell()
    await over(shell).start([spec(id, 'true', {port: 8101})], fence(7))
    await shell.lose()
    shell.answer = {outcome: 'lost', stdout: '', stderr: ''}
    for (let round = 0; round < 2; round += 1) {
      await expect(instances!.statuses([id])).rejects.toMatchObject({code: 'E_HOST_UNREACHABLE'})
    }
    expect(shell.commands).toHaveLength(3)
  })

  test('say how each one ended, and who ignored SIGTERM', async () => {
    const shell = new ScriptedShell()
    const stdout =
      'stopped billing-r1 killed\nstopped billing-r1.worker terminated\nstopped other-r1 killed\nstopped x y\n'
    shell.answer = {outcome: 'succeeded', exitCode: 0, stdout, stderr: ''}
    const killed: string[] = []
    const ids = [id, 'billing-r1.worker@web-1']
    const outcomes = await over(shell).stop({
      fence: fence(7),
      ids,
      graceMillis: 1_500,
      onKilled: (each) => killed.push(each),
    })
    expect([...outcomes]).toEqual([
      [id, 'killed'],
      ['billing-r1.worker@web-1', 'terminated'],
    ])
    expect(killed).toEqual([id])
    expect(shell.commands[0]!.args.slice(-7)).toEqual([
      'stop',
      'staging',
      'billing',
      '7',
      '1500',
      'billing-r1',
      'billing-r1.worker',
    ])
  })

  test.each([
    ['E_FENCED', {exitCode: 65, stderr: 'fenced 9\n'}],
    ['E_HOST_SETUP', {exitCode: 64, stderr: 'yard-host: this is not a port\n'}],
    ['E_HOST_SETUP', {exitCode: 127, stderr: 'sh: 2: exec: /usr/lib/yard/yard-host: not found\n'}],
    ['E_HOST_SETUP', {exitCode: 1, stderr: 'sudo: a password is required\n'}],
    ['E_STEP_FAILED', {exitCode: 66, stderr: 'absent billing-r1\n'}],
    ['E_STEP_FAILED', {exitCode: 70, stderr: 'unstarted yard-billing-r1 exit-code\nsaid\n'}],
    ['E_DISK_FULL', {exitCode: 1, stderr: 'write error: No space left on device\n'}],
  ] as const)('tell with %s of what the host says: %j', async (code, {exitCode, stderr}) => {
    const shell = new ScriptedShell()
    shell.onStart = () => shell.end({outcome: 'failed', exitCode, stdout: '', stderr})
    await expect(over(shell).start([spec(id, 'true')], fence(7))).rejects.toMatchObject({code})
    shell.answer = {outcome: 'failed', exitCode, stdout: '', stderr}
    await expect(instances!.stop({fence: fence(7), ids: [id], graceMillis: 1})).rejects.toMatchObject({code})
  })

  test('that are not started name the unit and why', async () => {
    const shell = new ScriptedShell()
    shell.onStart = () =>
      shell.end({
        outcome: 'failed',
        exitCode: 70,
        stdout: '',
        stderr: 'unstarted yard-billing-r1 exit-code\nsaid\n',
      })
    await expect(over(shell).start([spec(id, 'true')], fence(7))).rejects.toMatchObject({
      what: "Can't start instances on web-1",
      why: "systemd doesn't start billing-r1 (exit-code)",
    })
  })
})

describe('D8 a process that runs to its end', () => {
  test.each([
    ['killed:KILL', 137, 'oom-kill', {outcome: 'failed', signal: 'SIGKILL'}],
    ['exited:0', 0, 'oom-kill', {outcome: 'failed', exitCode: 0}],
    ['killed:KILL', 137, 'signal', {outcome: 'failed', signal: 'SIGKILL'}],
    ['exited:0', 0, 'success', {outcome: 'succeeded', exitCode: 0}],
  ] as const)('ends as %s, exit %i, with the result %s', async (exit, code, result, end) => {
    const shell = new ScriptedShell()
    const instances = new HostInstances(shell)
    const ended = instances.runOnce({instance: spec(id, 'true'), deadlineMillis: 1_000})
    while (shell.input === '') await new Promise(setImmediate)
    const stderr = `ended ${code} ${result} ${exit}\n`
    shell.end({outcome: 'succeeded', exitCode: 0, stdout: '', stderr})

    const {lastLines, ...found} = await ended

    expect(found).toEqual(end)
    expect(lastLines.join('\n')).toContain(result === 'oom-kill' ? 'it took more memory than it may' : '')
  })
})

/** A host that says what it is told to say. */
class ScriptedShell implements RemoteShell {
  readonly host = 'web-1'
  readonly commands: (RemoteCommand | RemoteStreamCommand)[] = []
  input = ''
  answer: RemoteResult = {outcome: 'succeeded', exitCode: 0, stdout: '', stderr: ''}
  onStart = () => this.say('started', 'states', state, 'seen 100.00')
  private onLine: (line: string) => void = () => undefined
  private onEnd: (result: RemoteResult) => void = () => undefined

  say(...lines: string[]): void {
    for (const line of lines) this.onLine(line)
  }

  end(result: RemoteResult): void {
    this.onEnd(result)
  }

  async lose(): Promise<void> {
    this.end({outcome: 'lost', stdout: '', stderr: ''})
    await new Promise((resolve) => setImmediate(resolve))
  }

  async run(command: RemoteCommand): Promise<RemoteResult> {
    this.commands.push(command)
    return this.answer
  }

  async stream(command: RemoteStreamCommand, {onLine}: RemoteStreamOptions = {}): Promise<RemoteProgram> {
    this.commands.push(command)
    this.onLine = (line) => void onLine?.(line)
    const ended = new Promise<RemoteResult>((resolve) => (this.onEnd = resolve))
    const stopped: RemoteResult = {outcome: 'succeeded', exitCode: 0, stdout: '', stderr: ''}
    return {
      write: async (chunk) => {
        const text = Buffer.from(chunk).toString()
        this.input += text
        if (text === 'end\n') this.onStart()
        return true
      },
      endInput: () => this.onEnd(stopped),
      ended,
      stop: async () => stopped,
    }
  }

  async forward(endpoint: {address: string; port: number}): Promise<{address: string; port: number}> {
    return endpoint
  }

  async askSocket(): Promise<string | undefined> {
    return undefined
  }

  async close(): Promise<void> {}
}
