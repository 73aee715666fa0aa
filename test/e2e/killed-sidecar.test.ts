import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {SidecarSandbox} from './support/sidecar-sandbox.js'
import {eventually} from './support/sandbox.js'

describe('H5 a sidecar that is killed', () => {
  const sandbox = new SidecarSandbox()
  const ports = {one: 0, two: 0}
  let turn = 0
  let reloads = 0

  beforeAll(async () => {
    await sandbox.begin()
    await sandbox.place('steady', await sandbox.serve('steady'))
    ports.one = await sandbox.serve('one')
    ports.two = await sandbox.serve('two')
    await sandbox.place('moving', ports.one, {routing: {responseMillis: 20_000}})
    const {child, ended, said} = sandbox.sidecar()
    await eventually('it follows', () => (said().includes('follows') ? true : undefined))
    await sandbox.answers('steady', 'steady')
    child.kill('SIGKILL')
    await ended
  })
  afterAll(() => sandbox.dispose())

  /** Another place for the service, and another time limit when that takes a reload. */
  const change = async (takesReload: boolean) => {
    turn += 1
    const name = turn % 2 === 0 ? 'one' : 'two'
    if (takesReload) reloads += 1
    await sandbox.place('moving', ports[name], {routing: {responseMillis: 20_000 + reloads}})
    return name
  }

  const points: [point: string, takesReload: boolean][] = [
    ['apply:before', false],
    ['candidate:before', false],
    ['candidate:after', false],
    ['install:before', false],
    ['install:after', false],
    ['runtime:before', false],
    ['runtime:after', false],
    ['candidate:after', true],
    ['install:after', true],
    ['reload:before', true],
    ['reload:after', true],
    ['apply:after', true],
    ['report:before', false],
    ['report:after', true],
  ]

  test.each(points)(
    'H5 at %s (a reload: %s) leaves a HAProxy that goes on, and the next one brings it to the catalog',
    async (point, takesReload) => {
      const load = sandbox.load(sandbox.port, 'steady')
      const dying = sandbox.sidecar(point)
      await eventually('it follows, or was killed', () =>
        dying.said().includes('follows') || dying.child.signalCode !== null ? true : undefined,
      )
      const name = await change(takesReload)
      expect(await dying.ended).toBe('SIGKILL')

      const next = sandbox.sidecar()
      await sandbox.answers('moving', name, 20)
      const {hosts} = await eventually('it says that it follows', async () => {
        const report = await sandbox.status().catch(() => undefined)
        return report?.hosts[0]?.state === 'follows' ? report : undefined
      })
      expect(hosts[0]?.sidecar?.drift).toEqual([])
      next.child.kill('SIGKILL')
      await next.ended
      const {failed, firstFailure, sent} = await load.stop()
      expect({failed, firstFailure}).toEqual({failed: 0, firstFailure: undefined})
      expect(sent).toBeGreaterThan(100)
    },
  )

  test('two on one host: the second is refused and names the first', async () => {
    const first = sandbox.sidecar()
    await eventually('the first follows', () => (first.said().includes('follows') ? true : undefined))
    const second = await sandbox.yard(['sidecar', 'run', '--env', 'staging', '--host', 'web-1'])
    expect(second.code).toBe(3)
    expect(second.stderr).toContain(`process ${first.child.pid} is it, since `)
    expect(await sandbox.status(...sandbox.here)).toMatchObject({
      code: 0,
      hosts: [{pid: first.child.pid, state: 'follows'}],
    })
    first.child.kill('SIGTERM')
    await first.ended
    expect(await sandbox.status()).toMatchObject({code: 1, hosts: [{state: 'absent'}]})
    await sandbox.answers('steady', 'steady')
  })
})
