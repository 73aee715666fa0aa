import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {keys} from '../../../src/catalog/keys.js'
import {aService} from '../../fakes/records.js'
import {plantRecords, type Ran, runCommand} from '../../fakes/run-command.js'

/** A state directory with two services, and an identity that is in nobody's home. */
export class ConsumersPlayground {
  readonly state = mkdtempSync(path.join(tmpdir(), 'yard-command-'))
  private readonly identity = process.env['YARD_IDENTITY']

  async prepare(): Promise<this> {
    process.env['YARD_IDENTITY'] = path.join(this.state, 'identity.txt')
    await plantRecords(this.state, {
      [keys.service('billing')]: aService({name: 'billing'}),
      [keys.service('identity')]: aService({name: 'identity'}),
    })
    return this
  }

  run(command: unknown, argv: string[]): Promise<Ran> {
    return runCommand(command, argv, this.state)
  }

  clear(): void {
    if (this.identity === undefined) delete process.env['YARD_IDENTITY']
    else process.env['YARD_IDENTITY'] = this.identity
    rmSync(this.state, {recursive: true, force: true})
  }
}
