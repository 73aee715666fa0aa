import {expect, test} from '@jest/globals'

import {HostProgress, type HostState} from '../../../../src/lifecycle/deploy/journal/host-progress.js'
import {stepFailed} from '../../../../src/lifecycle/deploy/step-failure.js'

const hosts = ['h1', 'h2', 'h3'].map((name) => ({name}))

test('tells of each host before and after its work, whatever becomes of the others', async () => {
  const told: string[] = []
  const begun: string[] = []
  const progress = new HostProgress([], async (states) => {
    told.push(states.map(({outcome}) => outcome[0]).join(''))
  })

  const failures = await progress.each(hosts, async ({name}) => {
    expect(told.at(-1)).toContain('r')
    begun.push(name)
    if (name === 'h2') throw stepFailed('no room')
    return name === 'h3' ? 'was there' : undefined
  })

  expect(begun).toEqual(['h1', 'h2', 'h3'])
  expect([...failures].map(([host, {message}]) => `${host} ${message}`)).toEqual([
    'h2 A step failed: h2: no room',
  ])
  expect(told.at(-1)).toBe('dfd')
  expect(progress.states).toEqual([
    {host: 'h1', outcome: 'done'},
    {host: 'h2', outcome: 'failed', detail: 'no room'},
    {host: 'h3', outcome: 'done', detail: 'was there'},
  ])
})

test('what an earlier attempt did on a host is not done again', async () => {
  const earlier: HostState[] = [
    {host: 'h1', outcome: 'done'},
    {host: 'h2', outcome: 'running'},
  ]
  const begun: string[] = []

  await new HostProgress(earlier, undefined).each(hosts, async ({name}) => {
    begun.push(name)
    return undefined
  })

  expect(begun).toEqual(['h2', 'h3'])
})

test('that one could not be told of is known when none is at work any more', async () => {
  const over: string[] = []
  let writes = 0
  const progress = new HostProgress([], () => {
    writes += 1
    return writes > 1 ? Promise.reject(new Error('disk full')) : Promise.resolve()
  })

  const work = progress.each(hosts, async ({name}) => {
    for (let turn = 0; turn < (name === 'h1' ? 1 : 50); turn++) await new Promise(setImmediate)
    over.push(name)
    return undefined
  })

  await expect(work).rejects.toThrow('disk full')
  expect(over).toEqual(['h1', 'h2', 'h3'])
})

test('nothing is done on a host of which it could not be told', async () => {
  const begun: string[] = []
  const progress = new HostProgress([], () => Promise.reject(new Error('disk full')))

  const work = progress.each(hosts, async ({name}) => {
    begun.push(name)
    return undefined
  })

  await expect(work).rejects.toThrow('disk full')
  expect(begun).toEqual([])
})

test('many changes at once are told in few writes', async () => {
  let writes = 0
  const all = Array.from({length: 500}, (_, index) => ({name: `h${index}`}))
  const progress = new HostProgress([], async () => {
    writes++
  })

  await progress.each(all, async () => undefined)

  expect(writes).toBeLessThan(20)
  expect(progress.states.every(({outcome}) => outcome === 'done')).toBe(true)
})
