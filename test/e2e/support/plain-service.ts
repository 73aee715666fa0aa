import {execFileSync} from 'node:child_process'
import {cpSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import path from 'node:path'

import {packageRoot, type Sandbox} from './sandbox.js'

const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@yard.invalid', '-c', 'commit.gpgsign=false']

export interface PlainServiceOptions {
  mode?: string
  build?: string[]
  timeout?: string
  stable?: string
}

/** A repository that yard did not make: one file of plain Node, a Procfile and a service file. */
export class PlainService {
  readonly root: string

  constructor(
    sandbox: Sandbox,
    readonly name: string,
    options: PlainServiceOptions = {},
  ) {
    this.root = path.join(sandbox.home, name)
    mkdirSync(path.join(this.root, 'smoke'), {recursive: true})
    cpSync(path.join(packageRoot, 'test/fixtures/plain-service/server.js'), path.join(this.root, 'server.js'))
    this.write('Procfile', 'web: node server.js\n')
    this.write('package.json', '{"private": true}\n')
    this.write(
      'smoke/basic.hurl',
      'GET {{base_url}}/\nHTTP 200\n[Asserts]\njsonpath "$.service" == "{{service}}"\n',
    )
    this.configure(options)
    execFileSync('git', ['init', '--quiet', '--initial-branch=main'], {cwd: this.root})
    this.commit('first')
  }

  /** Writes the service file; commit it to have it deployed. */
  configure({mode = 'good', build = [], timeout = '10s', stable = '300ms'}: PlainServiceOptions): void {
    this.write(
      'service.yaml',
      [
        `name: ${this.name}`,
        'owner: team-test',
        'description: answers with its release',
        `build: ${JSON.stringify(build)}`,
        `health: {path: /readyz, timeout: ${timeout}, stable: ${stable}}`,
        'drain: {timeout: 5s}',
        'stop: {grace: 2s}',
        `env: {MODE: ${mode}}`,
        '',
      ].join('\n'),
    )
  }

  write(file: string, text: string): void {
    writeFileSync(path.join(this.root, file), text)
  }

  edit(file: string, from: string, to: string): void {
    const text = readFileSync(path.join(this.root, file), 'utf8')
    if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`)
    this.write(file, text.replace(from, to))
  }

  commit(message: string): string {
    execFileSync('git', ['add', '--all'], {cwd: this.root})
    execFileSync('git', [...identity, 'commit', '--quiet', '--allow-empty', '--message', message], {
      cwd: this.root,
    })
    return execFileSync('git', ['rev-parse', 'HEAD'], {cwd: this.root, encoding: 'utf8'}).trim()
  }
}
