import {readdirSync} from 'node:fs'
import path from 'node:path'

import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {deploySteps} from '../../src/domain/deploy.js'
import {get} from './support/http.js'
import {PlainService} from './support/plain-service.js'
import {processesNaming} from './support/processes.js'
import {Sandbox} from './support/sandbox.js'

describe('yard deploy killed with SIGKILL', () => {
  const sandbox = new Sandbox()
  let service: PlainService
  let port: number

  beforeAll(async () => {
    service = new PlainService(sandbox, 'fragile')
    port = await sandbox.up()
    await sandbox.mustRun(['register'], {cwd: service.root})
    await sandbox.mustRun(['deploy'], {cwd: service.root})
  }, 90_000)
  afterAll(() => sandbox.dispose(), 60_000)

  for (const step of deploySteps) {
    for (const moment of ['before', 'after']) {
      test(`${moment} ${step}: the next deploy succeeds, one instance serves, nothing is left over`, async () => {
        service.commit(`killed ${moment} ${step}`)
        const killed = await sandbox.yard(['deploy'], {
          cwd: service.root,
          env: {YARD_FAILPOINT: `${step}:${moment}:kill`},
        })
        expect(killed.signal).toBe('SIGKILL')
        expect((await get(port, {'Yard-Service': 'fragile'})).status).toBe(200)

        const next = await sandbox.json<{release: number}>(['deploy'], {cwd: service.root})

        const answer = await get(port, {'Yard-Service': 'fragile'})
        expect(answer.json()).toMatchObject({release: `fragile-r${next.release}`})
        const instances = await sandbox.instances()
        expect(instances).toMatchObject([{release: next.release, state: 'up'}])
        const servers = processesNaming(`YARD_RELEASE=fragile-r`).filter(
          ({command}) => command === 'node server.js',
        )
        expect(servers).toHaveLength(1)
        expect(directoriesIn(path.join(sandbox.state, 'builds'))).toEqual([])
      }, 90_000)
    }
  }
})

function directoriesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
