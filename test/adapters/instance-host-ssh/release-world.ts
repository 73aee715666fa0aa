import {createHash} from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {type AddressInfo, connect, createServer} from 'node:net'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {listFiles} from '../../../src/adapters/artifacts-files/file-list.js'
import {SshInstanceHost} from '../../../src/adapters/instance-host-ssh/index.js'
import {SshRemoteShell} from '../../../src/adapters/shell-ssh/index.js'
import {type HostFence, type HostSurvey, type PlaceReport} from '../../../src/contracts/instance-host.js'
import {type ReleaseManifest} from '../../../src/domain/release-manifest.js'
import {type Sshd, startSshd} from '../../support/ssh/sshd.js'

/** What a test writes into a release: text, or where a link leads, or a directory that holds nothing. */
export type Tree = Readonly<
  Record<string, string | Buffer | {link: string} | {script: string} | {holds: 'nothing'}>
>

export interface BroughtRelease {
  release: ReleaseManifest
  directory: string
}

/** A machine below a directory of the test, reached over a real sshd, and releases to bring there. */
export class ReleaseWorld {
  readonly directory = mkdtempSync(path.join(tmpdir(), 'yrel-'))
  readonly root = path.join(this.directory, 'host')
  readonly service = path.join(this.root, 'srv/yard/billing')
  shell!: SshRemoteShell
  host!: SshInstanceHost
  sshd!: Sshd

  /** Every command line that reaches the machine is a line of `commands`. */
  async open(): Promise<this> {
    mkdirSync(path.join(this.root, 'srv/yard'), {recursive: true})
    mkdirSync(path.join(this.root, 'var/lib/yard'), {recursive: true})
    const log = path.join(this.directory, 'commands')
    writeFileSync(log, '')
    this.sshd = await startSshd({
      loginShell: `#!/bin/sh\necho "$SSH_CONNECTION" >> ${log}\nexec sh -c "$SSH_ORIGINAL_COMMAND"\n`,
    })
    this.shell = new SshRemoteShell(this.sshd.settings())
    this.host = this.newHost()
    return this
  }

  /** As another run of yard has it: nothing is remembered. */
  newHost(shell = this.shell): SshInstanceHost {
    return new SshInstanceHost({shell, root: this.root})
  }

  async close(): Promise<void> {
    await this.shell.close()
    await this.sshd.remove()
    rmSync(this.directory, {recursive: true, force: true})
  }

  /** The machine behind a line on which every byte is counted. */
  async countedLine(): Promise<{host: SshInstanceHost; bytesSent(): number; close(): Promise<void>}> {
    let bytes = 0
    const server = createServer((socket) => {
      const onward = connect(this.sshd.port, this.sshd.address)
      socket.on('data', (chunk) => (bytes += chunk.length))
      socket.on('error', () => onward.destroy())
      onward.on('error', () => socket.destroy())
      socket.pipe(onward).pipe(socket)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const {port} = server.address() as AddressInfo
    const shell = new SshRemoteShell(this.sshd.settings({port}))
    return {
      host: this.newHost(shell),
      bytesSent: () => bytes,
      close: async () => {
        await shell.close()
        await new Promise((resolve) => server.close(resolve))
      },
    }
  }

  /** Connections, one line for each command. */
  commands(): string[] {
    return readFileSync(path.join(this.directory, 'commands'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
  }

  async make(number: number, tree: Tree, changes: Partial<ReleaseManifest> = {}): Promise<BroughtRelease> {
    const directory = path.join(this.directory, `r${number}-${Math.random()}`)
    mkdirSync(directory)
    for (const [place, content] of Object.entries(tree)) {
      const absolute = path.join(directory, place)
      mkdirSync(path.dirname(absolute), {recursive: true})
      if (typeof content === 'string' || Buffer.isBuffer(content)) writeFileSync(absolute, content)
      else if ('holds' in content) mkdirSync(absolute)
      else if ('link' in content) symlinkSync(content.link, absolute)
      else {
        writeFileSync(absolute, content.script)
        chmodSync(absolute, 0o755)
      }
    }
    return {directory, release: aManifest(number, {files: await listFiles(directory), ...changes})}
  }

  survey(
    {release}: {release: ReleaseManifest},
    {fence = {}, host = this.host, needed = [], needs = []}: SurveyChanges = {},
  ): Promise<HostSurvey> {
    return host.survey({fence: aFence(fence), release, neededReleases: needed, needs})
  }

  place(
    {directory, release}: BroughtRelease,
    {fence = {}, host = this.host}: Pick<SurveyChanges, 'fence' | 'host'> = {},
  ): Promise<PlaceReport> {
    return host.place({fence: aFence(fence), release, contents: async () => directory})
  }

  /** A survey, then a place. */
  async bring(brought: BroughtRelease, changes: SurveyChanges = {}): Promise<PlaceReport> {
    await this.survey(brought, changes)
    return this.place(brought, changes)
  }

  there(...parts: string[]): string {
    return path.join(this.service, ...parts)
  }

  /** What is in the directory of releases, temporaries included. */
  releases(): string[] {
    return existsSync(this.there('releases')) ? readdirSync(this.there('releases')).sort() : []
  }

  objects(): string[] {
    return existsSync(this.there('objects')) ? readdirSync(this.there('objects')).sort() : []
  }

  /** Everything below a directory: text, the target of a link, `directory` for one that holds nothing. */
  read(directory: string): Record<string, string> {
    const found: Record<string, string> = {}
    for (const entry of readdirSync(directory, {recursive: true, encoding: 'utf8'}).sort()) {
      const absolute = path.join(directory, entry)
      const stat = lstatSync(absolute)
      if (stat.isSymbolicLink()) found[entry] = `-> ${readlinkSync(absolute)}`
      else if (stat.isFile()) found[entry] = readFileSync(absolute, 'utf8')
      else if (readdirSync(absolute).length === 0) found[entry] = 'directory'
    }
    return found
  }
}

interface SurveyChanges {
  fence?: Partial<HostFence>
  host?: SshInstanceHost
  needed?: readonly number[]
  needs?: readonly string[]
}

export function aFence(changes: Partial<HostFence> = {}): HostFence {
  return {environment: 'staging', service: 'billing', number: 100, ...changes}
}

export function aManifest(number: number, changes: Partial<ReleaseManifest> = {}): ReleaseManifest {
  return {
    v: 1,
    service: 'billing',
    release: number,
    environment: 'staging',
    commit: 'c'.repeat(40),
    artifact: digestOf('artifact'),
    configDigest: digestOf(`config ${number}`),
    by: 'ada@laptop',
    createdAt: '2026-11-21T12:00:00.000Z',
    files: [],
    ...changes,
  }
}

export function digestOf(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
