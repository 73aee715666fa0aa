import {beforeEach, describe, expect, test} from '@jest/globals'

import {type RunResult} from '../../../src/contracts/command-runner.js'
import {type YardEvent} from '../../../src/contracts/report.js'
import {generate, type GenerateRequest} from '../../../src/lifecycle/generate/generate.js'
import {ManualClock} from '../../fakes/clock.js'
import {FakeStages} from '../../fakes/stages.js'

const request: GenerateRequest = {
  name: 'hello',
  parent: '/srv',
  template: 'node',
  ci: 'github',
  user: 'ada',
  settings: [],
  workingDirectory: '/srv',
  install: true,
  dryRun: false,
}

let stages: FakeStages
let events: YardEvent[]
let commands: string[]
let outcome: (line: string) => RunResult
let identity: string | undefined
let abort: AbortController
let answersText: string | undefined

beforeEach(() => {
  stages = new FakeStages()
  events = []
  commands = []
  outcome = () => ({outcome: 'succeeded', exitCode: 0, lastLines: []})
  identity = undefined
  abort = new AbortController()
  answersText = undefined
})

describe('generating a service', () => {
  test('renders, installs, tests, commits and only then publishes', async () => {
    const report = await run()

    expect(commands).toEqual([
      'npm ci --ignore-scripts --no-audit --no-fund --prefer-offline in /srv/hello.stage',
      'npm test in /srv/hello.stage',
      'commit /srv/hello.stage: Generate hello',
    ])
    expect(stages.calls).toEqual(['survey', 'open', 'write', 'publish', 'discard'])
    expect(stages.published).toBe('/srv/hello')
    expect(report).toMatchObject({
      service: 'hello',
      directory: '/srv/hello',
      commit: 'c0ffee',
      installed: true,
    })
    expect(report.steps.map(({step}) => step)).toEqual([
      'render',
      'write',
      'install',
      'test',
      'commit',
      'publish',
    ])
    expect(report.next).toEqual(['cd hello', 'yard register', 'yard deploy --env local'])
  })

  test('asks npm for nothing with --no-install', async () => {
    await run({install: false})

    expect(commands).toEqual(['commit /srv/hello.stage: Generate hello'])
  })

  test('a dry run lists exactly the files of the real run and opens no stage', async () => {
    const dry = await run({dryRun: true})
    expect(stages.calls).toEqual(['survey'])
    expect(commands).toEqual([])

    const real = await run()

    expect(dry.tree).toBe(real.tree)
    expect(dry.files).toEqual(real.files)
    expect(dry.files.map(({path}) => path)).toEqual(stages.written.map(({path}) => path))
    expect(dry).not.toHaveProperty('commit')
  })

  test('the manifest records pack, answers and a hash for every other file', async () => {
    const report = await run({owner: 'team-a'})
    const text = stages.written.find(({path}) => path === '.yard/template.json')?.text ?? ''
    const manifest = JSON.parse(text) as {files: Record<string, string>}

    expect(manifest).toMatchObject({v: 1, pack: 'node', version: '1.0.0', digest: report.template.digest})
    expect(manifest).toMatchObject({answers: {name: 'hello', owner: 'team-a', ci: 'github'}})
    const others = report.files.filter(({path}) => path !== '.yard/template.json')
    expect(manifest.files).toEqual(Object.fromEntries(others.map(({path, sha256}) => [path, sha256])))
  })

  test("the owner is the flag's, else git's, else the user's", async () => {
    identity = 'Grace Hopper <grace@example.com>'
    expect((await run({owner: 'team-a'})).answers.owner).toBe('team-a')
    expect((await run()).answers.owner).toBe('Grace Hopper')
    identity = undefined
    expect((await run()).answers.owner).toBe('ada')
  })

  test('warns about a repository around the new one', async () => {
    stages.surveyed = {state: 'free', insideRepository: '/srv'}

    await run()

    const [warning] = events.filter(({kind}) => kind === 'warning')
    expect(warning).toMatchObject({text: expect.stringContaining('git repository /srv')})
  })
})

describe('answers', () => {
  test('a flag wins over --set, that over the file', async () => {
    answersText =
      '{"name": "from-file", "owner": "file", "description": "file", "port": 4000, "ci": "gitlab"}'
    const settings = ['owner=set', 'description=set = more']

    const given = {ci: undefined, name: undefined, answersFile: '/a.json', settings, owner: 'flag'}
    const {answers} = await run(given)

    expect(answers).toEqual({
      name: 'from-file',
      owner: 'flag',
      description: 'set = more',
      port: 4000,
      ci: 'gitlab',
    })
  })

  test.each([
    '',
    '[]',
    'null',
    '{"nme": 1}',
    '{"owner": 7}',
    '{"port": "x"}',
    '{"ci": "x"}',
    '{"__proto__": 1}',
    undefined,
  ])('the file %j is refused, and nothing is written', async (text) => {
    answersText = text

    await expect(run({ci: undefined, answersFile: '/a.json'})).rejects.toMatchObject({
      code: 'E_USAGE',
      exitCode: 2,
    })

    expect(stages.calls).not.toContain('open')
  })

  test.each(['owner', '=x', 'nobody=x', 'port=x', 'constructor=x'])(
    '--set %s is refused',
    async (setting) => {
      await expect(run({settings: [setting]})).rejects.toMatchObject({code: 'E_USAGE'})
    },
  )
})

test('the way into the new directory starts where the user is', async () => {
  expect((await run({workingDirectory: '/'})).next[0]).toBe('cd srv/hello')
  expect((await run({parent: "/srv/it's here"})).next[0]).toBe("cd 'it'\\''s here/hello'")
})

describe('nothing is published', () => {
  test.each(['occupied', 'link'] as const)('where the target is %s', async (state) => {
    stages.surveyed = {state}

    await expect(run()).rejects.toMatchObject({code: 'E_TARGET_EXISTS', exitCode: 3})

    expect(stages.calls).toEqual(['survey'])
  })

  test.each(['../../evil', 'class', ''])('for the name %j, and nothing is looked at', async (name) => {
    await expect(run({name})).rejects.toMatchObject({code: 'E_NAME_INVALID', exitCode: 2})

    expect(stages.calls).toEqual([])
  })

  test('without a name, and the way out is a whole command', async () => {
    await expect(run({name: undefined})).rejects.toMatchObject({
      code: 'E_USAGE',
      next: [expect.stringMatching(/^yard generate service billing --owner/), expect.anything()],
      details: {missing: [{argument: 'name'}]},
    })
  })

  test('for wrong answers, and no stage is opened', async () => {
    await expect(run({description: '\u001b[2J'})).rejects.toMatchObject({code: 'E_USAGE'})

    expect(stages.calls).toEqual(['survey'])
  })

  test.each(['open', 'write', 'publish'] as const)('when %s fails', async (call) => {
    stages.failAt = call

    await expect(run()).rejects.toThrow(`${call} fails`)

    expect(stages.published).toBeUndefined()
    if (call !== 'open') expect(stages.calls.at(-1)).toBe('discard')
  })

  test.each(['npm ci', 'npm test'])('when %s fails, and its last lines are kept', async (command) => {
    outcome = (line) => ({
      outcome: line.startsWith(command) ? 'failed' : 'succeeded',
      exitCode: 1,
      lastLines: ['oh'],
    })

    await expect(run()).rejects.toMatchObject({
      code: 'E_GENERATE_FAILED',
      exitCode: 1,
      details: {lastLines: ['oh']},
    })

    expect(stages.calls.slice(-1)).toEqual(['discard'])
    expect(stages.published).toBeUndefined()
  })

  test.each(['npm ci', 'npm test', 'commit'])('when interrupted during %s', async (command) => {
    outcome = (line) => {
      if (!line.startsWith(command)) return {outcome: 'succeeded', lastLines: []}
      abort.abort()
      return {outcome: command === 'commit' ? 'succeeded' : 'aborted', lastLines: []}
    }

    await expect(run()).rejects.toMatchObject({code: 'E_INTERRUPTED', exitCode: 130})

    expect(stages.calls.slice(-1)).toEqual(['discard'])
    expect(stages.published).toBeUndefined()
  })
})

function run(changes: Partial<GenerateRequest> = {}) {
  const command = (line: string) => {
    commands.push(line)
    return outcome(line)
  }
  return generate(
    {
      stages,
      files: async () => ({readText: async () => answersText}),
      commands: async () => ({
        run: async (asked, {directory}) =>
          command('file' in asked ? `${asked.file} ${asked.args.join(' ')} in ${directory}` : asked.line),
      }),
      repository: async () => ({
        identity: async () => identity,
        createWithFirstCommit: async (directory, message) => {
          command(`commit ${directory}: ${message}`)
          return 'c0ffee'
        },
      }),
      clock: new ManualClock(),
      report: (event) => events.push(event),
      signal: abort.signal,
    },
    {...request, ...changes},
  )
}
