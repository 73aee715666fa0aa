import {afterEach, beforeAll, expect, test} from '@jest/globals'

import {SystemClock} from '../../../src/adapters/clock-system/index.js'
import {JournalLogReader} from '../../../src/adapters/logs-journal-ssh/index.js'
import {type LogLine, type LogQuery} from '../../../src/contracts/log-reader.js'
import {type RemoteShell} from '../../../src/contracts/remote-shell.js'
import {failureOf} from '../../fakes/failure-of.js'
import {nodeProgram} from '../../support/practice-fleet/missing.js'
import {type Debian, describeOnDebian, spec, Started, until} from '../instance-host-ssh/debian.js'

const web = 'billing-r1@web-1'
const worker = 'billing-r2.worker@web-1'
const billing = {environment: 'staging', service: 'billing'}

/** Writes 1,500 numbered lines in four seconds or a little more. */
const counting =
  'let n = 0; setInterval(() => { for (let i = 0; i < 4 && n < 1500; i += 1) console.log("line " + ++n) }, 10)'

describeOnDebian('the journal of a real Debian, read over SSH', (ready) => {
  let debian: Debian
  let started: Started
  const tails: Tail[] = []

  beforeAll(() => {
    debian = ready()
    for (const number of [1, 2]) debian.release('billing', number)
    started = new Started(debian)
  })
  afterEach(async () => {
    await Promise.all(tails.splice(0).map((tail) => tail.stop()))
    await started.endAll()
    // Nothing of what a test before this one wrote.
    await debian.machine.sh('journalctl --quiet --rotate', 'journalctl --quiet --vacuum-time=1ms')
  })

  const reader = (...shells: RemoteShell[]) => {
    const hosts = shells.length > 0 ? shells : [debian.shell()]
    return new JournalLogReader({clock: new SystemClock(), hosts: () => Promise.resolve(hosts)})
  }
  const tail = (query: Partial<LogQuery>, ...shells: RemoteShell[]) => {
    const tail = new Tail(reader(...shells), {labels: billing, follow: true, ...query})
    tails.push(tail)
    return tail
  }
  const read = async (query: Partial<LogQuery>) => {
    const found: LogLine[] = []
    const lines = reader().read({labels: billing, follow: false, ...query}, new AbortController().signal)
    for await (const line of lines) found.push(line)
    return found
  }
  const texts = async (query: Partial<LogQuery>) => (await read(query)).map(({text}) => text)

  test('the past: the last lines, by release, by text, by what the caller accepts', async () => {
    await started.start(spec(web, 'for n in 1 2 3 4 5; do echo "web $n"; done; exec sleep 1000'))
    await started.start(spec(worker, `printf 'it\\047s; rm -rf x\\n%s\\nends\\n' '.*'; exec sleep 1000`))
    await started.lines(worker, 3)
    const all = ['web 1', 'web 2', 'web 3', 'web 4', 'web 5', "it's; rm -rf x", '.*', 'ends']

    expect(await texts({})).toEqual(all)
    expect(await texts({lines: 4})).toEqual(all.slice(-4))
    expect(await texts({lines: 0})).toEqual([])
    expect(await texts({labels: {...billing, release: 'r1'}})).toEqual(all.slice(0, 5))
    expect(await texts({labels: {environment: 'production'}})).toEqual([])
    expect(await texts({contains: "it's; rm -rf x"})).toEqual(["it's; rm -rf x"])
    expect(await texts({contains: '.*', lines: 9})).toEqual(['.*'])
    expect(await texts({contains: 'EB', lines: 9})).toEqual([])
    expect(await texts({contains: 'eb', lines: 2})).toEqual(['web 4', 'web 5'])
    expect(await texts({accepts: ({text}) => /[24]$/.test(text), lines: 1})).toEqual(['web 4'])
    const [, second] = await read({})
    expect(await texts({since: second!.at + 60_000})).toEqual([])
    expect((await texts({since: second!.at})).slice(-7)).toEqual(all.slice(-7))
    expect(second).toMatchObject({
      source: web,
      stream: 'stdout',
      labels: {...billing, release: 'r1', instance: web, process: 'web'},
    })
  })

  test('long lines, control characters and bytes that are no text arrive', async () => {
    const line = `head -c 5000 /dev/zero | tr '\\0' y; echo; printf '\\033[31mred\\tand \\377 bytes\\n'; exec sleep 1000`
    await started.start(spec(web, line))
    await started.lines(web, 2)
    expect(await texts({})).toEqual(['y'.repeat(5_000), '\u001b[31mred\tand \ufffd bytes'])
  })

  test('D12 numbered lines come once each, in their order, though connections are cut while they come', async () => {
    const shells = [debian.shell()]
    const following = tail({lines: 0}, ...shells)
    await started.start(spec(web, `exec ${nodeProgram} -e '${counting}'`))
    await until('the first lines', () => following.has(50))
    await debian.cut()
    await until('lines after it was cut', () => following.has(400))
    await debian.cut()
    await until('the last line', async () => (following.written().includes('line 1500') ? true : undefined))

    expect(following.written()).toEqual(Array.from({length: 1_500}, (_, index) => `line ${index + 1}`))
    expect(following.notes().filter((text) => text.startsWith("can't be read"))).toHaveLength(2)
    expect(following.notes().filter((text) => text.startsWith('is read again'))).toHaveLength(2)
  })

  test('following goes on where the past ended, and sees releases that come later, and none of other services', async () => {
    await started.start(spec(web, 'echo one; sleep 3; echo three; exec sleep 1000'))
    await started.lines(web, 1)
    const following = tail({lines: 50})
    const others = tail({lines: 50, labels: {...billing, service: 'orders'}})
    await until('the past', () => following.has(1))
    await started.start(spec(worker, 'echo two; exec sleep 1000'))
    await until('the rest', () => following.has(3))
    expect(following.written()).toEqual(['one', 'two', 'three'])
    expect(others.written()).toEqual([])
  })

  test('a journal that was cleared meanwhile is said to lack lines, and is followed', async () => {
    await started.start(spec(web, 'n=0; while :; do n=$((n+1)); echo "line $n"; sleep 0.2; done'))
    const following = tail({lines: 0})
    await until('a line', () => following.has(1))
    await debian.machine.sh('journalctl --quiet --rotate', 'journalctl --quiet --vacuum-time=1ms')
    await debian.cut()
    const before = following.written().length
    await until('lines after that', () => following.has(before + 5))
    const numbers = following.written().map((text) => Number(text.slice(5)))
    expect(numbers).toEqual([...new Set(numbers)].sort((one, two) => one - two))
    const isWhole = numbers.every((number, index) => number === (numbers[0] ?? 0) + index)
    expect(isWhole || following.notes().some((text) => text.startsWith('lines may be missing'))).toBe(true)
  })

  test('a host that can not be reached holds up nobody, and is told of', async () => {
    await started.start(spec(web, 'echo here; exec sleep 1000'))
    await started.lines(web, 1)
    const away = {...unreachable, host: 'web-9'} as unknown as RemoteShell
    const following = tail({lines: 50}, debian.shell(), away)
    await until('the line of the other', () => following.has(1))
    await until('the note', async () => (following.notes().length > 0 ? true : undefined))
    expect(following.notes()[0]).toBe("can't be read: nobody answers there")

    const both = reader(debian.shell(), away).read(
      {labels: billing, follow: false, lines: 5},
      new AbortController().signal,
    )
    const found: string[] = []
    const failure = await failureOf(
      (async () => {
        for await (const {text} of both) found.push(text)
      })(),
    )
    expect(found).toEqual(['here', "can't be read: nobody answers there"])
    expect(failure).toMatchObject({code: 'E_HOST_UNREACHABLE'})
  })

  test('nothing that reads is left there once nobody follows any more, however that ended', async () => {
    await started.start(spec(web, 'echo here; exec sleep 1000'))
    const reading = () => debian.machine.sh("pgrep --full '[j]ournalctl .*YARD_SERVICE=billing' || true")
    const [stopped, cut] = [tail({lines: 5}), tail({lines: 5})]
    const count = async () => (await reading()).split('\n').length - 1
    await until('both read', async () => ((await count()) === 2 ? true : undefined))
    await stopped.stop()
    await until('one is left', async () => ((await count()) === 1 ? true : undefined), 2_000)
    await debian.cut()
    await cut.stop()
    await until('none is left', async () => ((await count()) === 0 ? true : undefined), 2_000)
  })
})

const unreachable = {
  stream: async () => {
    const {YardError} = await import('../../../src/errors.js')
    const next: [string] = ['look there']
    throw new YardError('E_HOST_UNREACHABLE', {what: "Can't reach it", why: 'nobody answers there', next})
  },
}

/** Somebody who follows, and keeps what came. */
class Tail {
  private readonly lines: LogLine[] = []
  private readonly ending = new AbortController()
  private readonly done: Promise<void>

  constructor(reader: JournalLogReader, query: LogQuery) {
    this.done = this.read(reader, query)
  }

  written(): string[] {
    return this.lines.filter(({stream}) => stream !== 'yard').map(({text}) => text)
  }

  notes(): string[] {
    return this.lines.filter(({stream}) => stream === 'yard').map(({text}) => text)
  }

  async has(count: number): Promise<true | undefined> {
    return this.written().length >= count ? true : undefined
  }

  async stop(): Promise<void> {
    this.ending.abort(new Error('the test is over'))
    await this.done
  }

  private async read(reader: JournalLogReader, query: LogQuery): Promise<void> {
    for await (const line of reader.read(query, this.ending.signal)) this.lines.push(line)
  }
}
