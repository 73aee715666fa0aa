import {readdirSync, readFileSync, readlinkSync} from 'node:fs'

import {groupMembers, type ProcessIdentity} from './process-table.js'

/** Whether a member of the group listens on the TCP port; undefined where the system has no `/proc/net`. */
export function groupOwnsPort(leader: ProcessIdentity, port: number): boolean | undefined {
  if (process.platform !== 'linux') return undefined
  const sockets = new Set([...listening('/proc/net/tcp', port), ...listening('/proc/net/tcp6', port)])
  if (sockets.size === 0) return false
  return groupMembers(leader).some((pid) => openSockets(pid).some((inode) => sockets.has(inode)))
}

const listenState = '0A'

/** Inodes of the sockets that listen on the port, from lines such as `0: 0100007F:1F90 00000000:0000 0A … inode`. */
function listening(table: string, port: number): string[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return readLines(table).flatMap((line) => {
    const fields = line.trim().split(/\s+/)
    const inode = fields[9]
    const isWanted = fields[3] === listenState && fields[1]?.endsWith(wanted) === true
    return isWanted && inode !== undefined ? [inode] : []
  })
}

function openSockets(pid: number): string[] {
  const directory = `/proc/${pid}/fd`
  try {
    return readdirSync(directory).flatMap((descriptor) => socketInode(`${directory}/${descriptor}`) ?? [])
  } catch {
    return []
  }
}

function socketInode(link: string): string | undefined {
  try {
    return /^socket:\[([0-9]+)\]$/.exec(readlinkSync(link))?.[1]
  } catch {
    return undefined
  }
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'latin1').split('\n')
  } catch {
    return []
  }
}
