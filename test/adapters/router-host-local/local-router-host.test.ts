import {mkdtempSync, rmSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import {test} from '@jest/globals'

import {findHaproxy, LocalRouterHost} from '../../../src/adapters/router-host-local/index.js'
import {routerHostContract, type RouterHostHarness} from '../../contracts/router-host.js'
import {Playground} from '../processes-local/playground.js'

const haproxy = await findHaproxy({
  override: process.env['YARD_HAPROXY'],
  searchPath: (process.env['PATH'] ?? '').split(path.delimiter),
}).catch(() => undefined)

if (haproxy === undefined) {
  test.skip('this machine as a router host (skipped: haproxy is not installed)', () => undefined)
} else {
  routerHostContract('this machine with a keeper', async (): Promise<RouterHostHarness> => {
    const directory = mkdtempSync(path.join(os.tmpdir(), 'yard-host-'))
    const processes = new Playground()
    return {
      isLookedAfter: true,
      open: async () =>
        new LocalRouterHost({
          haproxy,
          directory: path.join(directory, 'haproxy'),
          runtimeDirectory: path.join(directory, 'run'),
          care: {kind: 'keeper', processes: processes.manager()},
        }),
      clear: async () => {
        await processes.clear()
        rmSync(directory, {recursive: true, force: true})
      },
    }
  })
}
