import {describe, expect, test} from '@jest/globals'

import {hookDirectory, type HookSource} from '../../../src/lifecycle/hooks/hook-directory.js'
import {aCommit} from '../../fakes/records.js'

const source: HookSource = {
  service: 'hello',
  root: '/repo',
  below: 'services/hello',
  commit: aCommit,
  dirty: false,
}

function world(exportCommit: () => Promise<void> = async () => undefined) {
  const calls: string[] = []
  const needs = {
    artifacts: {
      createStaging: async (service: string) => {
        calls.push(`create ${service}`)
        return '/staging/1'
      },
      removeStaging: async (directory: string) => {
        calls.push(`remove ${directory}`)
      },
    },
    repository: {
      exportCommit: (root: string, commit: string, directory: string) => {
        calls.push(`commit ${commit.slice(0, 4)} of ${root} to ${directory}`)
        return exportCommit()
      },
      exportWorkTree: async (root: string, directory: string) => {
        calls.push(`work tree of ${root} to ${directory}`)
      },
    },
  }
  return {calls, needs}
}

describe('the directory of hooks', () => {
  test('is a copy of the commit, made once, and removed at the end', async () => {
    const {calls, needs} = world()
    const {close, directory} = hookDirectory(needs, source)

    expect(await Promise.all([directory(), directory()])).toEqual([
      '/staging/1/services/hello',
      '/staging/1/services/hello',
    ])
    await close()

    expect(calls).toEqual(['create hello', 'commit 0123 of /repo to /staging/1', 'remove /staging/1'])
  })

  test('is a copy of the work tree where that is deployed', async () => {
    const {calls, needs} = world()

    await hookDirectory(needs, {...source, dirty: true}).directory()

    expect(calls).toEqual(['create hello', 'work tree of /repo to /staging/1'])
  })

  test('is not made when nobody asks for it', async () => {
    const {calls, needs} = world()

    await hookDirectory(needs, source).close()

    expect(calls).toEqual([])
  })

  test('that cannot be filled leaves nothing behind', async () => {
    const {calls, needs} = world(() => Promise.reject(new Error('no such commit')))
    const {close, directory} = hookDirectory(needs, source)

    await expect(directory()).rejects.toThrow('no such commit')
    await close()

    expect(calls.at(-1)).toBe('remove /staging/1')
    expect(calls).toHaveLength(3)
  })
})
