import http from 'node:http'
import net from 'node:net'

import {type ServerCheck} from '../../contracts/router-host.js'

const patienceMillis = 1_000

/**
 * Asks a server what HAProxy would ask it: whether it answers its health path with a status of 200 to 299 within a second,
 * or accepts a connection where it has no such path.
 */
export function passesCheck({address, port, path, host}: ServerCheck): Promise<boolean> {
  return path === undefined ? acceptsConnection(address, port) : answersWell(path, {address, host, port})
}

function acceptsConnection(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({host: address, port, timeout: patienceMillis})
    const answer = (passes: boolean) => {
      socket.destroy()
      resolve(passes)
    }
    socket.on('connect', () => answer(true))
    socket.on('timeout', () => answer(false))
    socket.on('error', () => answer(false))
  })
}

function answersWell(
  path: string,
  {address, host, port}: Pick<ServerCheck, 'address' | 'host' | 'port'>,
): Promise<boolean> {
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
