import http from 'node:http'
import {type AddressInfo} from 'node:net'

/** What an etcd would answer, decided by a test: for what a sound one never does. */
export interface Script {
  clusterId: string
  revision: number
  /** Keys below any prefix now, and at each revision that is asked for. */
  count: (revision: number | undefined) => number
  newest: number
  /** Called for each watch; what it sends, and whether the stream ends then. */
  onWatch: (startRevision: number, stream: WatchStream) => void
}

export interface WatchStream {
  send: (message: object) => void
  /** A line as it is. */
  sendLine: (text: string) => void
  end: () => void
}

export interface ScriptedGateway {
  readonly endpoint: string
  readonly script: Script
  /** The first revision that each watch asked for. */
  readonly starts: readonly number[]
  close(): Promise<void>
}

export async function startScriptedGateway(script: Script): Promise<ScriptedGateway> {
  const starts: number[] = []
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>
      if (request.url === '/v3/watch') {
        const {start_revision: start} = body['create_request'] as {start_revision: string}
        starts.push(Number(start))
        const send = (message: object) =>
          void response.write(`${JSON.stringify({result: {header: header(script), ...message}})}\n`)
        send({created: true})
        script.onWatch(Number(start), {
          send,
          sendLine: (text) => void response.write(`${text}\n`),
          end: () => response.end(),
        })
      } else {
        response.end(JSON.stringify(answer(script, request.url ?? '', body)))
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    script,
    starts,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export function putEvent(key: string, created: number, modified: number): object {
  return {
    kv: {
      key: Buffer.from(key).toString('base64'),
      value: Buffer.from(String(modified)).toString('base64'),
      create_revision: String(created),
      mod_revision: String(modified),
      version: '1',
    },
  }
}

export function deleteEvent(key: string, modified: number): object {
  return {type: 'DELETE', kv: {key: Buffer.from(key).toString('base64'), mod_revision: String(modified)}}
}

function header({clusterId, revision}: Script): object {
  return {cluster_id: clusterId, member_id: '7', revision: String(revision), raft_term: '2'}
}

function answer(script: Script, path: string, body: Record<string, unknown>): object {
  if (path !== '/v3/kv/range')
    return {header: header(script), version: '3.4.0', leader: '7', token: 'a-token'}
  const asked =
    body['revision'] === undefined || body['revision'] === '0' ? undefined : Number(body['revision'])
  const count = {header: header(script), count: String(script.count(asked))}
  if (body['sort_target'] !== 'MOD' || script.newest === 0) return count
  return {...count, kvs: [(putEvent('/x', script.newest, script.newest) as {kv: object}).kv]}
}
