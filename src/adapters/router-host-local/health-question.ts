import http from 'node:http'

import {type ServerCheck} from '../../contracts/router-host.js'

const patienceMillis = 1_000

/** Asks a server what HAProxy would ask it: whether it answers its health path with a status of 200 to 299 within a second. */
export function passesCheck({address, port, path, host}: ServerCheck): Promise<boolean> {
  return new Promise((resolve) => {
    const headers = {Host: host, Connection: 'close'}
    const request = http.request({host: address, port, path, headers, agent: false})
    const patience = setTimeout(() => request.destroy(), patienceMillis)
    const answer = (passes: boolean) => {
      clearTimeout(patience)
      request.destroy()
      resolve(passes)
    }
    request.on('response', ({statusCode = 0}) => answer(statusCode >= 200 && statusCode < 300))
    request.on('error', () => answer(false))
    request.on('close', () => answer(false))
    request.end()
  })
}
