import {beforeEach, describe, expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import {type CommandRunner, type RunOptions, type RunResult} from '../../../src/contracts/command-runner.js'
import {YardError} from '../../../src/errors.js'
import {deploy} from '../../../src/lifecycle/deploy.js'
import {DeployWorld, root, serviceText} from '../../fakes/deploy-world.js'
import {failureOf} from '../../fakes/failure-of.js'

const request = {environment: 'local', directory: root, allowDirty: false}
const interruption = new YardError('E_INTERRUPTED', {what: 'Stopped', why: 'Ctrl-C', next: ['again']})
const good: RunResult = {outcome: 'succeeded', exitCode: 0, lastLines: []}
let world: DeployWorld

beforeEach(async () => {
  world = await new DeployWorld().open()
  const hooks = 'hooks:\n  beforeBuild: [before]\n  afterDeploy: [told]\n  onFailure: [failed]\n'
  world.tree.set('service.yaml', `${serviceText}${hooks}`)
})

/** Runs lines as they are told to, and everything else well. */
function commands(lines: Record<string, (options: RunOptions) => Promise<RunResult>>): CommandRunner {
  return {
    run: async (command, options) => {
      const line = 'line' in command ? command.line : command.file
      world.commandLines.push(line)
      return (await lines[line]?.(options)) ?? good
    },
  }
}

async function isLocked(): Promise<boolean> {
  return (await world.catalog.store.get(keys.lock('deploy/local/hello'))) !== undefined
}

describe('the hooks of a service', () => {
  test.each(['make', 'before'])('hear of a build that failed: %s', async (line) => {
    const failing = commands({[line]: async () => ({outcome: 'failed', exitCode: 2, lastLines: ['no room']})})

    const error = await failureOf(deploy(world.needs({commands: failing}), request))

    expect(error.details).toMatchObject({step: 'build', lastLines: ['no room']})
    expect(world.commandLines.slice(-2)).toEqual([line, 'failed'])
    expect(world.staged.size).toBe(0)
  })

  test('of a deploy that fails are run while it holds its lock', async () => {
    const held: boolean[] = []
    const running = commands({
      make: async () => ({outcome: 'failed', exitCode: 2, lastLines: []}),
      failed: async () => {
        held.push(await isLocked())
        return good
      },
    })

    await failureOf(deploy(world.needs({commands: running}), request))

    expect(held).toEqual([true])
  })

  test('D1 of a deploy that Ctrl-C ends are run when nobody waits for its lock any more, and to their end', async () => {
    const controller = new AbortController()
    const held: boolean[] = []
    const signals: unknown[] = []
    const running = commands({
      failed: async ({directory, signal}) => {
        held.push(await isLocked(), world.staged.has(directory))
        signals.push(signal)
        return good
      },
    })
    const failpoint = async (step: string, moment: string) => {
      if (step === 'health' && moment === 'before') controller.abort(interruption)
    }
    const needs = world.needs({commands: running, signal: controller.signal, failpoint})

    expect(await failureOf(deploy(needs, request))).toMatchObject({code: 'E_INTERRUPTED'})

    expect(held).toEqual([false, true])
    expect(signals).toEqual([undefined])
    expect(world.staged.size).toBe(0)
  })

  test('D1 are ended by Ctrl-C while the lock is held, and the deploy is as live as it was', async () => {
    const controller = new AbortController()
    const running = commands({
      told: async ({signal}) => {
        controller.abort(interruption)
        return {outcome: signal?.aborted === true ? 'aborted' : 'succeeded', lastLines: []}
      },
    })

    const report = await deploy(world.needs({commands: running, signal: controller.signal}), request)

    expect(report.outcome).toBe('live')
    const warnings = world.events.flatMap((event) => (event.kind === 'warning' ? [event.text] : []))
    expect(warnings).toEqual(['the after-deploy hook "told" of service.yaml was stopped'])
    expect(await isLocked()).toBe(false)
  })
})
