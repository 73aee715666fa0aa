import {mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {LocalCommandRunner} from '../../../src/adapters/shell-local/index.js'
import {type YardEvent} from '../../../src/contracts/report.js'
import {deployEventSchema} from '../../../src/domain/deploy-event.js'
import {check} from '../../../src/domain/schema.js'
import {type HookMoment, type Hooks} from '../../../src/domain/service.js'
import {type HookSet, runHooks} from '../../../src/lifecycle/hooks/run-hooks.js'
import {eventually, isLiving} from '../../adapters/processes-local/playground.js'
import {ManualClock} from '../../fakes/clock.js'
import {aDeployEvent, aFailedEvent} from '../../fakes/deploy-events.js'
import {failureOf} from '../../fakes/failure-of.js'

let directory: string

beforeEach(() => {
  directory = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'yard-hooks-')))
})

afterEach(() => {
  rmSync(directory, {recursive: true, force: true})
})

function setOf(hooks: Hooks, from = 'service.yaml', place = directory): HookSet {
  return {from, hooks, directory: () => Promise.resolve(place)}
}

function hook(line: string, timeoutMillis = 20_000) {
  return {line, timeoutMillis}
}

async function run(moment: HookMoment, sets: HookSet[], more: {event?: object; signal?: AbortSignal} = {}) {
  const events: YardEvent[] = []
  const commands = new LocalCommandRunner({baseVariables: {PATH: process.env['PATH'] ?? '/usr/bin:/bin'}})
  const needs = {
    clock: new ManualClock(),
    commands,
    report: (event: YardEvent) => events.push(event),
    variables: {YARD_STATE_DIR: '/srv/state'},
  }
  const {event = aDeployEvent(), signal} = more
  const request = {moment, event: event as never, sets, ...(signal && {signal})}
  const failure = await runHooks(needs, request).then(
    () => undefined,
    (error: unknown) => error,
  )
  return {events, failure}
}

function read(name: string): string {
  return readFileSync(path.join(directory, name), 'utf8')
}

describe('a hook', () => {
  test('runs in its directory with the event on stdin and in its environment, and nothing else of this program', async () => {
    process.env['YARD_TEST_SECRET'] = 'hunter2'
    const {events, failure} = await run(
      'on-failure',
      [setOf({'on-failure': [hook('cat > event; env > env; pwd')]})],
      {
        event: aFailedEvent(),
      },
    )
    delete process.env['YARD_TEST_SECRET']

    const event: unknown = JSON.parse(read('event'))
    expect(event).toMatchObject({v: 1, event: 'on-failure', deploy: 128, failedStep: 'health'})
    expect(check(deployEventSchema, event).ok).toBe(true)
    expect(
      Object.fromEntries(
        read('env')
          .trim()
          .split('\n')
          .map((line) => line.split(/=(.*)/s)),
      ),
    ).toMatchObject({
      YARD_HOOK: 'on-failure',
      YARD_SERVICE: 'billing',
      YARD_ENVIRONMENT: 'production',
      YARD_DEPLOY: '128',
      YARD_RELEASE: 'billing-r42',
      YARD_BEFORE: 'billing-r41',
      YARD_LIVE: 'billing-r41',
      YARD_OUTCOME: 'failed',
      YARD_FAILED_STEP: 'health',
      YARD_STATE_DIR: '/srv/state',
    })
    expect(read('env')).not.toContain('hunter2')
    expect(events).toContainEqual({kind: 'step-output', step: 'hooks', line: directory})
    expect(failure).toBeUndefined()
  })

  test('need not read what it is told', async () => {
    const lastLines = Array.from({length: 50}, () => 'x'.repeat(500))
    const {failure} = await run('before-deploy', [setOf({'before-deploy': [hook('true')]})], {
      event: aFailedEvent({lastLines}),
    })

    expect(failure).toBeUndefined()
  })

  test('of the platform file runs before that of the service, in their order', async () => {
    const other = path.join(directory, 'platform')
    mkdirSync(other)
    const sets = [
      setOf({'after-deploy': [hook('echo platform >> ../order')]}, 'yard.yaml', other),
      setOf({
        'after-deploy': [hook('echo one >> order'), hook('echo two >> order')],
        'on-failure': [hook('false')],
      }),
    ]

    await run('after-deploy', sets)

    expect(read('order')).toBe('platform\none\ntwo\n')
  })

  test('that nobody wants asks for no directory', async () => {
    const set: HookSet = {
      from: 'service.yaml',
      hooks: {'on-failure': [hook('true')]},
      directory: () => Promise.reject(new Error('asked')),
    }

    expect((await run('after-deploy', [set])).failure).toBeUndefined()
  })
})

describe('a hook that goes wrong', () => {
  test.each(['before-build', 'before-deploy'] as const)(
    '%s stops the deploy, with its last lines',
    async (moment) => {
      const lines = [hook('echo "frozen until Monday"; exit 3'), hook('touch second')]
      const {failure} = await run(moment, [setOf({[moment]: lines})])

      expect(await failureOf(() => Promise.reject(failure as Error))).toMatchObject({
        code: 'E_STEP_FAILED',
        why: `the ${moment} hook "echo \\"frozen until Monday\\"; exit 3" of service.yaml ended with exit 3`,
        details: {lastLines: ['frozen until Monday']},
      })
      expect(() => read('second')).toThrow()
    },
  )

  test.each(['after-deploy', 'on-failure', 'on-rollback'] as const)(
    '%s is a warning, and the next one runs all the same',
    async (moment) => {
      const lines = [hook('echo oh; kill -9 $$'), hook('touch second')]
      const {events, failure} = await run(moment, [setOf({[moment]: lines})])

      expect(failure).toBeUndefined()
      expect(read('second')).toBe('')
      expect(events).toContainEqual({
        kind: 'warning',
        text: `the ${moment} hook "echo oh; kill -9 $$" of service.yaml was ended by SIGKILL; its last line: "oh"`,
      })
    },
  )

  test('by taking too long is ended with all it started', async () => {
    const line = 'echo $$ > pid; sleep 60 & echo $! >> pid; wait'
    const {failure} = await run('before-deploy', [setOf({'before-deploy': [hook(line, 300)]})])

    expect((await failureOf(() => Promise.reject(failure as Error))).why).toContain(
      'was not done after 0.3 s',
    )
    const pids = read('pid').trim().split('\n').map(Number)
    expect(pids).toHaveLength(2)
    await eventually('the end of both', () => !pids.some(isLiving))
  })

  test('because its directory can not be made is no different', async () => {
    const hooks = {'after-deploy': [hook('true')], 'before-deploy': [hook('true')]}
    const set: HookSet = {
      from: 'service.yaml',
      hooks,
      directory: () => Promise.reject(new Error('disk full')),
    }

    expect(await run('after-deploy', [set])).toMatchObject({
      failure: undefined,
      events: expect.arrayContaining([
        {
          kind: 'warning',
          text: 'the after-deploy hook "true" of service.yaml could not be run: Error: disk full',
        },
      ]),
    })
    expect((await run('before-deploy', [set])).failure).toMatchObject({code: 'E_STEP_FAILED'})
  })

  test.each([
    ['before-deploy', new Error('stop'), []],
    ['after-deploy', undefined, ['the after-deploy hook "sleep 60" of service.yaml was stopped']],
  ] as const)('is ended when the deploy is interrupted: %s', async (moment, failure, warnings) => {
    const interruption = new AbortController()
    const running = run(moment, [setOf({[moment]: [hook('sleep 60')]})], {signal: interruption.signal})
    interruption.abort(new Error('stop'))

    const ended = await running

    expect(ended.failure).toEqual(failure)
    expect(ended.events.flatMap((event) => (event.kind === 'warning' ? [event.text] : []))).toEqual(warnings)
  })

  test('shows nothing that a terminal would act on', async () => {
    const line = 'printf "\\033[31m"; exit 1 # \u202e\u001b[2J'
    const {events} = await run('after-deploy', [setOf({'after-deploy': [hook(line)]})])

    const shown = events.filter(({kind}) => kind !== 'step-output')
    expect(shown.map(({kind}) => kind)).toEqual(['step-started', 'step-finished', 'warning'])
    for (const event of shown) expect(Object.values(event).join(' ')).not.toMatch(/[\u0000-\u001f\u202e]/)
  })
})
