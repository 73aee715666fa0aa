import {execFileSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach} from '@jest/globals'

import {keys} from '../../src/catalog/keys.js'
import {localEnvironment} from '../../src/domain/environment.js'
import {aBinding, aDeploy, anInstance, aRelease, aService} from './records.js'
import {plantRecords} from './run-command.js'

/** A repository called hello as the working directory, and a state directory, for each test of a file. */
export class RepositoryHere {
  state = ''
  private base = ''
  private repository = ''

  constructor() {
    const home = process.cwd()
    beforeEach(() => {
      this.base = realpathSync(mkdtempSync(path.join(tmpdir(), 'yard-command-')))
      this.state = path.join(this.base, 'state')
      this.repository = path.join(this.base, 'hello')
      mkdirSync(this.repository)
      writeFileSync(path.join(this.repository, 'server.js'), '')
      this.git('init', '--quiet', '--initial-branch=main')
      process.chdir(this.repository)
    })
    afterEach(() => {
      process.chdir(home)
      rmSync(this.base, {recursive: true, force: true})
    })
  }

  commit(): void {
    this.git('add', '--all')
    this.git(
      '-c',
      'user.name=Test',
      '-c',
      'user.email=test@example.com',
      'commit',
      '--quiet',
      '--message',
      'first',
    )
  }

  /** The local environment, with something that looks after it. */
  plantEnvironment(): Promise<void> {
    return plantRecords(this.state, {
      [keys.environment('local')]: localEnvironment(),
      [keys.host('local', 'localhost')]: {
        v: 1,
        name: 'localhost',
        environment: 'local',
        address: '127.0.0.1',
        description: 'this machine',
      },
      [keys.agent('local', 'localhost')]: {
        v: 1,
        host: 'localhost',
        pid: 1,
        startedAt: '2026-11-20T12:00:00.000Z',
        appliedRevision: 1,
        haproxyVersion: '2.6.12',
        skipped: [],
      },
    })
  }

  /** Two releases of hello that were live, the second one still. */
  async plantHistory(): Promise<void> {
    await this.plantEnvironment()
    await plantRecords(this.state, {
      [keys.service('hello')]: aService(),
      [keys.release('hello', 1)]: aRelease({number: 1}),
      [keys.release('hello', 2)]: aRelease({number: 2}),
      [keys.deploy('local', 'hello', 1)]: aDeploy({number: 1, release: 1}),
      [keys.deploy('local', 'hello', 2)]: aDeploy({number: 2, release: 2}),
      [keys.binding('local', 'hello')]: aBinding({active: 2}),
      [keys.instance('local', 'hello', 'hello-r2@localhost')]: anInstance({release: 2}),
    })
  }

  private git(...args: string[]): void {
    execFileSync('git', args, {cwd: this.repository, stdio: 'ignore'})
  }
}
