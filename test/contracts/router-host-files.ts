import {statSync} from 'node:fs'
import {createServer, type Server} from 'node:net'

import {type HostFile} from '../../src/contracts/router-host.js'

export const asMap = (files: readonly HostFile[]) => new Map(files.map(({name, text}) => [name, text]))

export const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8)

export function hold(port: number): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}
