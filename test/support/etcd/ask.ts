import http from 'node:http'
import https from 'node:https'

import {type Certificates} from './certificates.js'

/** One POST to a member's JSON gateway, without any of the adapter's code. */
export interface Question {
  port: number
  path: string
  body: unknown
  certificates?: Certificates | undefined
  token?: string | undefined
}

export function ask({port, path, body, certificates, token}: Question): Promise<Record<string, unknown>> {
  const options = {
    host: '127.0.0.1',
    port,
    path,
    method: 'POST',
    agent: false,
    timeout: 5_000,
    headers: token === undefined ? {} : {authorization: token},
  } as const
  return new Promise((resolve, reject) => {
    const request =
      certificates === undefined
        ? http.request(options)
        : https.request({
            ...options,
            ca: certificates.ca,
            cert: certificates.client.certificate,
            key: certificates.client.key,
          })
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        if (response.statusCode === 200) resolve(JSON.parse(text) as Record<string, unknown>)
        else reject(new Error(`${path} answered ${response.statusCode ?? 0}: ${text}`))
      })
    })
    request.on('timeout', () => request.destroy(new Error(`${path} did not answer`)))
    request.on('error', reject)
    request.end(JSON.stringify(body))
  })
}

/** Nothing was written since the last compaction. */
export function unlessCompacted(error: unknown): void {
  if (!String(error).includes('has been compacted')) throw error
}
