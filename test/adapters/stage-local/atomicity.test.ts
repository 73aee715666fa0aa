import {execFileSync} from 'node:child_process'
import {existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {createWithFirstCommit} from '../../../src/adapters/repo-git/first-commit.js'
import {LocalStages} from '../../../src/adapters/stage-local/index.js'
import {type YardEvent} from '../../../src/contracts/report.js'
import {generate, type GenerateReport} from '../../../src/lifecycle/generate/generate.js'
import {ManualClock} from '../../fakes/clock.js'

const steps = ['render', 'write', 'install', 'test', 'commit', 'publish']
const variables = {PATH: process.env['PATH'] ?? '', HOME: os.tmpdir()}
let parent: string
let target: string

beforeEach(() => {
  parent = mkdtempSync(path.join(os.tmpdir(), 'yard-atomic-'))
  target = path.join(parent, 'hello')
})

afterEach(() => rmSync(parent, {recursive: true, force: true}))

describe.each(['absent', 'an empty directory'])('with the target %s', (before) => {
  beforeEach(() => {
    if (before !== 'absent') mkdirSync(target)
  })

  test.each(steps)('a fault in step %s leaves nothing, and the next run succeeds', async (step) => {
    await expect(run({failAt: step})).rejects.toThrow('injected')

    expect(readdirSync(parent, {recursive: true})).toEqual(before === 'absent' ? [] : ['hello'])
    expectComplete(await run({}))
  })

  test.each(steps)(
    'a signal in step %s leaves nothing or everything, and the next run succeeds',
    async (step) => {
      const outcome = await run({abortAt: step}).catch((error: unknown) => error)

      if (step === 'publish') {
        expectComplete(outcome as GenerateReport)
        return
      }
      expect(outcome).toMatchObject({code: 'E_INTERRUPTED'})
      expect(readdirSync(parent, {recursive: true})).toEqual(before === 'absent' ? [] : ['hello'])
      expectComplete(await run({}))
    },
  )
})

test('a dry run writes nothing', async () => {
  const report = await run({}, true)

  expect(readdirSync(parent)).toEqual([])
  expect(report.files.length).toBeGreaterThan(25)
})

function expectComplete(report: GenerateReport): void {
  expect(readdirSync(parent)).toEqual(['hello'])
  expect(existsSync(path.join(target, 'node_modules/installed'))).toBe(true)
  const tree = execFileSync('git', ['rev-parse', 'HEAD^{tree}'], {cwd: target, env: variables})
    .toString()
    .trim()
  expect(tree).toBe(report.tree)
}

function run(faults: {failAt?: string; abortAt?: string}, dryRun = false): Promise<GenerateReport> {
  const abort = new AbortController()
  const report = (event: YardEvent) => {
    if (event.kind !== 'step-started') return
    if (event.step === faults.abortAt) abort.abort()
    if (event.step === faults.failAt) throw new Error('injected')
  }
  return generate(
    {
      stages: new LocalStages(),
      files: () => Promise.reject(new Error('not asked for')),
      commands: async () => ({
        run: async (_command, {directory}) => {
          mkdirSync(path.join(directory, 'node_modules'), {recursive: true})
          writeFileSync(path.join(directory, 'node_modules/installed'), '')
          return {outcome: abort.signal.aborted ? 'aborted' : 'succeeded', lastLines: []}
        },
      }),
      repository: async () => ({
        identity: async () => undefined,
        createWithFirstCommit: (directory, message) => createWithFirstCommit({variables}, directory, message),
      }),
      clock: new ManualClock(),
      report,
      signal: abort.signal,
    },
    {
      name: 'hello',
      parent,
      template: 'node',
      ci: 'none',
      user: 'ada',
      settings: [],
      workingDirectory: '/',
      install: true,
      dryRun,
    },
  )
}
