import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {keys} from '../../../src/catalog/keys.js'
import InstancesList from '../../../src/commands/instances/list.js'
import {aBinding, anInstance, aService} from '../../fakes/records.js'
import {plantRecords, type Ran, runCommand} from '../../fakes/run-command.js'

/** A state directory with one instance that has the traffic of its service. */
export class InstancesPlayground {
  readonly state = mkdtempSync(path.join(tmpdir(), 'yard-command-'))
  readonly id = 'hello-r1@localhost'

  async prepare(): Promise<this> {
    await plantRecords(this.state, {
      [keys.service('hello')]: aService(),
      [keys.binding('local', 'hello')]: aBinding(),
      [keys.instance('local', 'hello', this.id)]: anInstance(),
    })
    return this
  }

  run(command: unknown, argv: string[]): Promise<Ran> {
    return runCommand(command, argv, this.state)
  }

  async instance(): Promise<{state: string; weight: number}> {
    const [instance] = JSON.parse((await this.run(InstancesList, ['--json'])).stdout) as [
      {state: string; weight: number},
    ]
    return instance
  }

  clear(): void {
    rmSync(this.state, {recursive: true, force: true})
  }
}
