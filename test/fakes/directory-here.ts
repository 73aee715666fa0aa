import {mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach} from '@jest/globals'

const variables = ['XDG_CONFIG_HOME', 'YARD_CATALOG', 'YARD_ENV', 'YARD_IDENTITY', 'YARD_PLATFORM']

/** An empty working directory, and state and configuration beside it, for each test of a file. */
export class DirectoryHere {
  state = ''
  path = ''
  private base = ''

  constructor() {
    const home = process.cwd()
    const before = variables.map((name) => [name, process.env[name]] as const)
    beforeEach(() => {
      this.base = realpathSync(mkdtempSync(path.join(tmpdir(), 'yard-command-')))
      this.state = path.join(this.base, 'state')
      this.path = path.join(this.base, 'platform')
      mkdirSync(this.path)
      for (const name of variables) Reflect.deleteProperty(process.env, name)
      process.env['XDG_CONFIG_HOME'] = path.join(this.base, 'config')
      process.chdir(this.path)
    })
    afterEach(() => {
      process.chdir(home)
      for (const [name, value] of before) {
        if (value === undefined) Reflect.deleteProperty(process.env, name)
        else process.env[name] = value
      }
      rmSync(this.base, {recursive: true, force: true})
    })
  }

  /** A platform file here. */
  declare(...lines: string[]): void {
    writeFileSync(path.join(this.path, 'yard.yaml'), `${lines.join('\n')}\n`)
  }
}
