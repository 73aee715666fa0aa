import {randomBytes} from 'node:crypto'
import {existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import path from 'node:path'

import {type FleetFile, fleetFileSchema} from '../../domain/fleet.js'
import {check} from '../../domain/schema.js'
import {makeSshKey} from './ssh-key.js'

const fleetFileName = 'fleet.json'

/** The files of a fleet: which addresses it has, and its SSH keys, which only this user reads. */
export class Remembered {
  constructor(private readonly directory: string) {}

  /** Of the key that every host lets in as root. */
  get identityFile(): string {
    return path.join(this.directory, 'id_ed25519')
  }

  /** Undefined when there is no fleet, or none that can be trusted. */
  file(): FleetFile | undefined {
    try {
      const text = readFileSync(path.join(this.directory, fleetFileName), 'utf8')
      const checked = check(fleetFileSchema, JSON.parse(text))
      return checked.ok ? checked.value : undefined
    } catch {
      return undefined
    }
  }

  keep(file: FleetFile): void {
    this.prepare()
    writeWhole(path.join(this.directory, fleetFileName), `${JSON.stringify(file)}\n`)
  }

  /** Has the directory there, which is locked. */
  prepare(): void {
    mkdirSync(this.directory, {recursive: true, mode: 0o700})
  }

  /** Makes the keys that are missing. */
  makeKeys(hosts: readonly string[]): void {
    for (const name of hosts) mkdirSync(this.hostDirectory(name), {recursive: true, mode: 0o700})
    const files = [this.identityFile, ...hosts.map((name) => this.hostKeyFile(name))]
    for (const file of files) {
      // The private half is written last: where it is, both are.
      if (existsSync(file)) continue
      const {privateText, publicText} = makeSshKey('yard-practice-fleet')
      writeWhole(`${file}.pub`, `${publicText} yard-practice-fleet\n`)
      writeWhole(file, privateText)
    }
  }

  hostDirectory(name: string): string {
    return path.join(this.directory, name)
  }

  hostKeyFile(name: string): string {
    return path.join(this.hostDirectory(name), 'ssh_host_ed25519_key')
  }

  /** As in `ssh-ed25519 AAAA…`; empty when the host never was. */
  hostKey(name: string): string {
    try {
      return readFileSync(`${this.hostKeyFile(name)}.pub`, 'utf8')
        .split(' ')
        .slice(0, 2)
        .join(' ')
        .trim()
    } catch {
      return ''
    }
  }

  /** Where the console of a host is written to since it was started. */
  consoleFile(name: string): string {
    return path.join(this.hostDirectory(name), 'console.log')
  }

  forget(): void {
    rmSync(this.directory, {recursive: true, force: true})
  }
}

function writeWhole(file: string, text: string): void {
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  writeFileSync(draft, text, {mode: 0o600})
  renameSync(draft, file)
}
