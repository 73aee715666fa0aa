import {readFileSync} from 'node:fs'
import {type Socket} from 'node:net'

/**
 * Whether the other end of a connection over the loopback of this machine is a process of the same user. Anybody here may
 * connect to a port of the loopback. True where the system doesn't tell, which only Linux does.
 */
export function isOfThisUser({localPort, remotePort}: Pick<Socket, 'localPort' | 'remotePort'>): boolean {
  const own = process.getuid?.()
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map(read)
  if (own === undefined || tables[0] === undefined) return true
  if (localPort === undefined || remotePort === undefined) return false
  const rows = tables.flatMap((text) => usersIn(text ?? '', {from: remotePort, to: localPort}))
  return rows.length > 0 && rows.every((user) => user === own)
}

/** The users of the sockets that lead from one port to the other, in a table as Linux prints it. */
export function usersIn(table: string, {from, to}: {from: number; to: number}): number[] {
  const row = new RegExp(
    `^ *\\d+: [0-9A-F]+:${hexadecimal(from)} [0-9A-F]+:${hexadecimal(to)} \\S+ \\S+ \\S+ \\S+ +(\\d+) `,
    'gm',
  )
  return [...table.matchAll(row)].map(([, user]) => Number(user))
}

function hexadecimal(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0')
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return undefined
  }
}
