import {execFileSync, spawn, type ChildProcess} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import http from 'node:http'
import http2 from 'node:http2'
import {connect} from 'node:net'
import os from 'node:os'
import path from 'node:path'
import tls from 'node:tls'

import {renderSettings} from '../../src/domain/haproxy/render-settings.js'
import {usableModel} from '../../src/domain/haproxy/usable-model.js'
import {type RoutedService, type RoutingModel} from '../../src/domain/routing.js'
import {renderHaproxy} from '../../src/templates/haproxy.js'
import {Upstream} from '../fakes/upstream.js'

import {eventually} from './processes-local/playground.js'

export interface Answer {
  status: number
  headers: http.IncomingHttpHeaders
  body: string
}

/** The haproxy that tests run; undefined where there is none. */
export const haproxyFile: string | undefined = findHaproxyFile()

/** A haproxy in the foreground that reads what a model is rendered to, in a temporary directory. */
export class HaproxyPlayground {
  readonly directory = mkdtempSync(path.join(os.tmpdir(), 'yard-haproxy-'))
  private readonly upstreams: Upstream[] = []
  private child: ChildProcess | undefined
  private log = ''

  async upstream(name: string): Promise<Upstream> {
    const upstream = await Upstream.start(name)
    this.upstreams.push(upstream)
    return upstream
  }

  async start(wanted: RoutingModel, certificates: readonly string[] = []): Promise<void> {
    await this.end()
    const {model} = usableModel(wanted)
    const adminSocket = path.join(this.directory, 'admin.sock')
    const version = haproxyVersion()
    const rendered = renderHaproxy(model, renderSettings({adminSocket, version, certificates, spares: 1}))
    for (const {name, text} of rendered.files) writeFileSync(path.join(this.directory, name), text)
    const child = spawn(haproxyFile ?? '', ['-C', this.directory, '-f', 'haproxy.cfg', '-db'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.child = child
    this.log = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (this.log += chunk.toString()))
    await eventually(`haproxy answers; it said ${this.log}`, async () => {
      if (child.exitCode !== null) throw new Error(`haproxy ended: ${this.log}`)
      return (await this.ask('show info')).includes('Pid:')
    })
  }

  /** Waits until haproxy found every server that is up, or down, as it is. */
  async settled(): Promise<void> {
    await eventually('haproxy checked all servers', async () => {
      const lines = (await this.ask('show stat'))
        .split('\n')
        .filter((line) => /^svc_[^,]*,[\d.]+:/.test(line))
      return lines.every((line) => /,(L7OK|L4OK|L7STS|L4CON|L7RSP|L7TOUT),/.test(line))
    })
  }

  /** The text that haproxy reads. */
  config(): string {
    return readFileSync(path.join(this.directory, 'haproxy.cfg'), 'utf8')
  }

  /** Sends a line to the socket of haproxy. */
  ask(line: string): Promise<string> {
    return conversation(connect(path.join(this.directory, 'admin.sock')), `${line}\n`)
  }

  /** Log lines of requests so far. */
  logged(): Record<string, unknown>[] {
    return this.log
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  }

  async end(): Promise<void> {
    const child = this.child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }

  async clear(): Promise<void> {
    await this.end()
    await Promise.all(this.upstreams.map((upstream) => upstream.stop()))
    rmSync(this.directory, {recursive: true, force: true})
  }
}

export function serviceAt(name: string, ...upstreams: Upstream[]): RoutedService {
  const servers = upstreams.map(({port}) => ({address: '127.0.0.1', port, state: 'up' as const}))
  return {name, healthPath: '/readyz', servers}
}

export function exchange(port: number, options: http.RequestOptions & {body?: string}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const {body: sent, ...rest} = options
    const request = http.request({host: '127.0.0.1', port, timeout: 10_000, agent: false, ...rest})
    request.on('response', (response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => (body += chunk.toString()))
      response.on('error', reject)
      response.on('end', () => resolve({status: response.statusCode ?? 0, headers: response.headers, body}))
    })
    request.on('timeout', () => request.destroy(new Error('no answer')))
    request.on('error', reject)
    request.end(sent)
  })
}

/** Sends bytes as they are and returns all that comes back. */
export function raw(port: number, text: string): Promise<string> {
  return conversation(connect(port, '127.0.0.1'), text)
}

/** The same through TLS, with the name of the certificate that was shown. */
export async function rawTls(
  port: number,
  servername: string,
  text: string,
): Promise<{answer: string; certificate: string; protocol: string | null; alpn: string | false | null}> {
  const socket = tls.connect({
    host: '127.0.0.1',
    port,
    servername,
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
  })
  await new Promise<void>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
  const shown = String(socket.getPeerCertificate().subject.CN)
  const protocol = socket.getProtocol()
  return {answer: await conversation(socket, text), certificate: shown, protocol, alpn: socket.alpnProtocol}
}

/** A request over HTTP/2 with the headers as they are. */
export function overHttp2(
  port: number,
  servername: string,
  headers: http2.OutgoingHttpHeaders,
): Promise<{status: number; body: string}> {
  return new Promise((resolve, reject) => {
    const session = http2.connect(`https://127.0.0.1:${port}`, {servername, rejectUnauthorized: false})
    session.on('error', reject)
    const request = session.request(headers)
    let [status, body] = [0, '']
    request.setTimeout(10_000, () => session.destroy(new Error('no answer')))
    request.on('response', (answer) => (status = answer[':status'] ?? 0))
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('error', reject)
    request.on('end', () => {
      session.close()
      resolve({status, body})
    })
    request.end()
  })
}

/** Asks for another protocol, says something in it, and tells what came of it. */
export function upgrade(port: number, headers: http.OutgoingHttpHeaders): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const request = http.request({host: '127.0.0.1', port, headers, timeout: 10_000, agent: false})
    request.on('upgrade', (response, socket) => {
      const {'x-connection': connection, upgrade: protocol} = response.headers
      socket.on('data', (chunk: Buffer) => {
        socket.destroy()
        resolve({connection, upgrade: protocol, echoed: chunk.toString()})
      })
      socket.write('over and out')
    })
    request.on('response', ({statusCode}) => reject(new Error(`answered with ${String(statusCode)}`)))
    request.on('timeout', () => request.destroy(new Error('no answer')))
    request.on('error', reject)
    request.end()
  })
}

/** A certificate for a name, signed by itself, with its key in one file. */
export function makeCertificate(directory: string, name: string): string {
  const [key, certificate] = ['key', 'crt'].map((kind) => path.join(directory, `${name}.${kind}`))
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  execFileSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', key!, '-out', certificate!], {
    stdio: 'ignore',
  })
  const file = path.join(directory, `${name}.pem`)
  writeFileSync(file, execFileSync('cat', [certificate!, key!]), {mode: 0o600})
  return file
}

function conversation(
  socket: NodeJS.ReadWriteStream & {destroy(error?: Error): unknown},
  text: string,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const deadline = setTimeout(() => socket.destroy(new Error('no answer')), 10_000)
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')))
    socket.on('error', (error: unknown) => {
      clearTimeout(deadline)
      reject(error instanceof Error ? error : new Error(String(error)))
    })
    socket.on('end', () => {
      clearTimeout(deadline)
      resolve(answer)
    })
    socket.write(Buffer.from(text, 'latin1'))
  })
}

function haproxyVersion(): string {
  const text = execFileSync(haproxyFile ?? '', ['-v'], {encoding: 'utf8'})
  return /version (\d+\.\d+\.\d+)/.exec(text)?.[1] ?? '2.6.12'
}

function findHaproxyFile(): string | undefined {
  const file = process.env['YARD_HAPROXY'] ?? 'haproxy'
  try {
    execFileSync(file, ['-v'], {stdio: 'ignore'})
    return file
  } catch {
    return undefined
  }
}
