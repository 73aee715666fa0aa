import {execFile} from 'node:child_process'
import {constants} from 'node:fs'
import {access, statfs} from 'node:fs/promises'
import {connect, createServer} from 'node:net'
import path from 'node:path'
import {promisify} from 'node:util'

import {type Machine} from '../../contracts/machine.js'

const run = promisify(execFile)

const connectMillis = 2_000
/** Whoever closes a connection does so within this, on the same machine or behind a tunnel. */
const lastsMillis = 250

/** The machine yard runs on. */
export class LocalMachine implements Machine {
  readonly nodeVersion = process.versions.node

  async versionOf(file: string, args: readonly string[]): Promise<string | undefined> {
    try {
      const {stdout} = await run(file, [...args], {timeout: 10_000})
      return stdout.split('\n')[0]?.trim()
    } catch {
      return undefined
    }
  }

  /** Tries to listen, because connecting can't tell a free port from one whose owner doesn't answer. */
  isPortFree(address: string, port: number): Promise<boolean> {
    return new Promise((resolve) => {
      const server = createServer()
      server.once('error', () => resolve(false))
      server.listen({host: address, port, exclusive: true}, () => server.close(() => resolve(true)))
    })
  }

  /** A tunnel accepts first and looks for the port then: so a connection must also last, or bring something. */
  acceptsConnections(address: string, port: number): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect({host: address, port})
      const settle = (accepts: boolean) => {
        socket.destroy()
        resolve(accepts)
      }
      socket.setTimeout(connectMillis, () => settle(false))
      socket.once('error', () => settle(false))
      socket.once('close', () => settle(false))
      socket.once('data', () => settle(true))
      socket.once('connect', () => setTimeout(() => settle(!socket.destroyed), lastsMillis))
    })
  }

  async isWritable(directory: string): Promise<boolean> {
    const nearest = await nearestExisting(directory)
    return access(nearest, constants.W_OK).then(
      () => true,
      () => false,
    )
  }

  async freeBytes(directory: string): Promise<number> {
    const {bavail, bsize} = await statfs(await nearestExisting(directory))
    return bavail * bsize
  }

  terminate(pid: number): boolean {
    try {
      return process.kill(pid, 'SIGTERM')
    } catch {
      return false
    }
  }
}

async function nearestExisting(directory: string): Promise<string> {
  const exists = await access(directory).then(
    () => true,
    () => false,
  )
  const parent = path.dirname(directory)
  return exists || parent === directory ? directory : nearestExisting(parent)
}
