import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {
  endInWords,
  StateReader,
  statusOf,
  type UnitState,
} from '../../../src/adapters/instance-host-ssh/units-states.js'

const now = Date.parse('2026-01-02T03:04:05.000Z')
const line =
  'state billing-r1 active=active sub=running pid=144 restarts=2 since=90000000 result=exit-code exit=exited:1 port=8101 owns=1'

describe('what a host tells of its units', () => {
  test('is known once it is complete, by the clock of this machine', () => {
    const reader = new StateReader()
    expect(reader.read('states', now)).toBeUndefined()
    expect(reader.read(line, now)).toBeUndefined()
    expect(reader.read('seen 100.00', now)).toEqual(
      new Map([
        [
          'billing-r1',
          {
            id: 'billing-r1',
            active: 'active',
            sub: 'running',
            pid: 144,
            restarts: 2,
            since: now - 10_000,
            result: 'exit-code',
            exit: 'exited:1',
            port: 8101,
            ownsPort: true,
          },
        ],
      ]),
    )
    expect(reader.read('seen 100.20', now)).toBe('same')
    reader.read('states', now)
    expect(reader.read('seen 100.40', now)).toEqual(new Map())
  })

  test('has the memory of those that it is told of', () => {
    const reader = new StateReader()
    reader.read('states', now)
    for (const each of [line, 'memory billing-r1 2048', 'memory other-r1 5', 'memory billing-r1 -1'])
      expect(reader.read(each, now)).toBeUndefined()

    const states = reader.read('seen 100.00', now)

    if (states === undefined || states === 'same') throw new Error('nothing is known')
    const unit = states.get('billing-r1')
    if (unit === undefined) throw new Error('it is not known')
    expect(unit).toMatchObject({memoryBytes: 2_097_152})
    expect([...states.keys()]).toEqual(['billing-r1'])
    expect(statusOf('billing-r1@web-1', unit, now)).toMatchObject({memoryBytes: 2_097_152})
  })

  test('is nothing where a line is not as yard writes it', () => {
    const hostile = [
      line.replace('billing-r1', '../x'),
      line.replace('pid=144', 'pid=-1'),
      line.replace('owns=1', 'owns=2'),
      `${line} more=1`,
      line.replace('active=active', 'active=\u001b[2J'),
      line.replace('8101', '810100'),
      line.replace('exited:1', 'exited:1\u009b'),
      `x${line}`,
    ]
    const reader = new StateReader()
    reader.read('states', now)
    for (const each of hostile) expect(reader.read(each, now)).toBeUndefined()
    expect(reader.read('seen 1e9', now)).toBeUndefined()
    expect(reader.read('seen 100', now)).toEqual(new Map())
  })

  test('never makes the reader throw, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('states', line, 'memory billing-r1 7', 'seen 1.00'))),
        (lines) => {
          const reader = new StateReader()
          for (const each of lines) reader.read(each, now)
        },
      ),
    )
  })
})

describe('the status of an instance', () => {
  const unit: UnitState = {
    id: 'billing-r1',
    active: 'active',
    sub: 'running',
    pid: 144,
    restarts: 0,
    since: now - 10_000,
    result: 'success',
    exit: undefined,
    port: 8101,
    ownsPort: true,
  }
  const status = (changes: Partial<UnitState>) => statusOf('billing-r1@web-1', {...unit, ...changes}, now)

  test('says that it runs, since when and as what', () => {
    expect(status({})).toEqual({
      v: 1,
      id: 'billing-r1@web-1',
      running: 'running',
      pid: 144,
      since: '2026-01-02T03:03:55.000Z',
      restarts: 0,
    })
    expect(status({active: 'deactivating', sub: 'stop-sigterm'}).running).toBe('running')
  })

  test('says why it ended, and that it is started again', () => {
    const ended = {
      active: 'activating',
      sub: 'auto-restart',
      pid: 0,
      restarts: 3,
      result: 'exit-code',
      exit: 'exited:7',
    }
    expect(status(ended)).toMatchObject({running: 'backing-off', restarts: 3, lastExit: 'exit 7'})
    expect(status(ended).pid).toBeUndefined()
    expect(status({restarts: 3, result: 'exit-code', exit: 'exited:7'})).toMatchObject({
      running: 'running',
      lastExit: 'exit 7',
    })
  })

  test('says that it has stopped for good', () => {
    const stopped = {active: 'inactive', sub: 'dead', pid: 0, exit: 'exited:0'}
    expect(status(stopped)).toMatchObject({running: 'stopped', lastExit: 'exit 0'})
    expect(status({active: 'failed', sub: 'failed', pid: 0, result: 'resources'})).toMatchObject({
      running: 'stopped',
      lastExit: 'resources',
    })
  })

  test('never began later than now, whatever the clocks say', () => {
    expect(status({since: now + 60_000}).since).toBe('2026-01-02T03:04:05.000Z')
  })

  test('names signals, and limits that were met', () => {
    expect(endInWords('signal', 'killed:SEGV')).toBe('SIGSEGV')
    expect(endInWords('core-dump', 'dumped:ABRT')).toBe('SIGABRT')
    expect(endInWords('oom-kill', 'killed:KILL')).toBe('SIGKILL, it took more memory than it may')
    expect(endInWords('timeout', 'killed:KILL')).toBe('SIGKILL, it did not end in time')
    expect(endInWords('success', undefined)).toBeUndefined()
  })
})
