import {createServer} from 'node:net'

import {YardError} from '../../errors.js'

/**
 * Makes sure that the address is free: `haproxy -c` doesn't look, and a reload onto a taken port stops every listener
 * for seconds.
 * @throws YardError E_PORT_TAKEN, E_PERMISSION
 */
export async function refuseTakenAddress(listen: {address: string; port: number}): Promise<void> {
  const code = await bindFault(listen)
  if (code === undefined) return
  if (code === 'EADDRINUSE') throw portTaken(listen)
  throw new YardError(code === 'EACCES' ? 'E_PERMISSION' : 'E_PORT_TAKEN', {
    what: `Can't listen on ${listen.address}:${listen.port}`,
    why: code === 'EACCES' ? 'this user may not use the port' : `the system answers ${code}`,
    next: ['yard up --port 7070'],
  })
}

export function portTaken({address, port}: {address: string; port: number}): YardError {
  return new YardError('E_PORT_TAKEN', {
    what: `Can't listen on ${address}:${port}`,
    why: `another program uses port ${port}`,
    next: [`yard up --port ${port < 65_000 ? port + 1 : 7070}`, `ss -ltnp 'sport = :${port}'`],
    details: {address, port},
  })
}

function bindFault({address, port}: {address: string; port: number}): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({host: address, port, exclusive: true}, () => server.close(() => resolve(undefined)))
  })
}
