import {readFileSync} from 'node:fs'

import {afterAll, beforeAll, expect, test} from '@jest/globals'

import {plantRecords} from '../fakes/run-command.js'
import {describeOnPracticeFleet} from '../support/practice-fleet/index.js'
import {PlainService} from './support/plain-service.js'
import {eventually, Sandbox} from './support/sandbox.js'

interface Line {
  at: string
  stream: string
  release?: string
  instance?: string
  part?: string
  message: string
}

const where = ['--env', 'practice']
const ticking = `
let tick = 0
setInterval(() => console.log('tick ' + ++tick), 20)
`

describeOnPracticeFleet('the logs of a fleet', {hosts: 3}, (fleet) => {
  const sandbox = new Sandbox()
  let service: PlainService

  beforeAll(async () => {
    fleet().lendTo(sandbox.state)
    await plantRecords(sandbox.state, fleet().records())
    await Promise.all(fleet().hosts.map(({name}) => sandbox.mustRun(['host', 'setup', name, ...where])))
    service = new PlainService(sandbox, 'chatty')
    service.write('server.js', readFileSync(`${service.root}/server.js`, 'utf8') + ticking)
    service.commit('says something fifty times a second')
    await sandbox.mustRun(['register'], {cwd: service.root})
    await sandbox.mustRun(['deploy', ...where], {cwd: service.root})
  })
  afterAll(() => sandbox.dispose())

  const tail = (...words: string[]) => {
    const child = sandbox.start(['logs', 'tail', 'chatty', ...where, '--json', ...words])
    let [text, errors, peakBytes] = ['', '', 0]
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      peakBytes = Math.max(peakBytes, peakBytesOf(child.pid))
    })
    child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()))
    const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)))
    const lines = () =>
      text
        .slice(0, text.lastIndexOf('\n') + 1)
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Line)
    const stop = () => {
      child.kill('SIGINT')
      return ended
    }
    return {lines, stop, errors: () => errors, peakBytes: () => peakBytes}
  }

  test('D12 all hosts and the next release too come live, each line once and in order, through cut connections', async () => {
    const following = tail('--since', '10m')
    await eventually('all hosts', () => (writers(following.lines()).length === 3 ? true : undefined))
    const [one, two] = fleet().hosts
    await one?.killSsh()
    await two?.killSsh()
    service.commit('the next release')
    await sandbox.mustRun(['deploy', ...where], {cwd: service.root})
    await eventually('the next release on all hosts', () =>
      writers(following.lines()).filter((instance) => instance.startsWith('chatty-r2@')).length === 3
        ? true
        : undefined,
    )
    const seen = following.lines().length
    await eventually('what it says', () => (following.lines().length > seen + 300 ? true : undefined))
    expect(await following.stop()).toBe(130)

    const lines = following.lines()
    for (const instance of writers(lines)) {
      const ticks = lines.flatMap((line) => (line.instance === instance ? ticksIn(line) : []))
      expect([instance, ticks]).toEqual([instance, ticks.map((_, index) => index + 1)])
    }
    // Of a host that is away for longer than others wait, lines come late.
    const notes = lines.flatMap(({stream}, index) => (stream === 'yard' ? [index] : []))
    expect(notes).toHaveLength(4)
    for (const steady of [lines.slice(0, notes[0]), lines.slice(seen)])
      expect(mostMillisBehind(steady)).toBeLessThanOrEqual(1_000)
    expect(following.peakBytes()).toBeGreaterThan(10e6)
    expect(following.peakBytes()).toBeLessThan(150e6)
    expect(following.errors()).toBe('')
  })

  test('a text is looked for as it is, a release is asked for by its number, and nothing more than that is shown', async () => {
    const read = async (...words: string[]) => {
      const {stdout} = await sandbox.mustRun([
        'logs',
        'tail',
        'chatty',
        ...where,
        '--no-follow',
        '--raw',
        ...words,
      ])
      return stdout.split('\n').filter((line) => line !== '')
    }
    expect(await read('--grep', "it's; rm -rf x")).toEqual([])
    expect(await read('--grep', 'tick 7.', '--lines', '100')).toEqual([])
    expect(await read('--grep', '/^tick 7$/', '--release', 'r1', '--lines', '100')).toHaveLength(3)
    expect(await read('--grep', 'tick 77', '--release', '2', '--lines', '2')).toEqual(
      expect.arrayContaining([expect.stringMatching(/^tick 77/)]),
    )
    expect(await read('--lines', '7')).toHaveLength(7)
    const refused = await sandbox.yard(['logs', 'tail', ...where, '--release', '2'])
    expect([refused.code, refused.stdout]).toEqual([2, ''])
  })

  test('a host that nobody reaches is named, after the lines of the others', async () => {
    const [away] = fleet().hosts
    await away?.stopSsh()
    const read = ['logs', 'tail', 'chatty', ...where, '--no-follow', '--lines', '60']
    const [shown, json] = await Promise.all([sandbox.yard(read), sandbox.yard([...read, '--json'])])
    await away?.recover()

    expect([shown.code, json.code]).toEqual([4, 4])
    expect(shown.stderr).toContain(`Can't reach ${away?.name}`)
    expect(shown.stdout).toContain("-- can't be read: nothing listens there --")
    const lines = json.stdout
      .split('\n')
      .filter((line) => line.startsWith('{"at"'))
      .map((line) => JSON.parse(line) as Line)
    expect(writers(lines)).toHaveLength(2)
    expect(lines.at(-1)).toMatchObject({stream: 'yard', part: away?.name})
  })
})

function writers(lines: Line[]): string[] {
  return [...new Set(lines.flatMap(({instance}) => instance ?? []))].sort()
}

function ticksIn({message}: Line): number[] {
  const tick = /^tick (\d+)$/.exec(message)?.[1]
  return tick === undefined ? [] : [Number(tick)]
}

/** How much older than one that was shown before it a line can be. */
function mostMillisBehind(lines: Line[]): number {
  let newest = 0
  return Math.max(
    ...lines.map(({at}) => {
      newest = Math.max(newest, Date.parse(at))
      return newest - Date.parse(at)
    }),
  )
}

/** Of resident memory, since it began. */
function peakBytesOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1_024
  } catch {
    return 0
  }
}
