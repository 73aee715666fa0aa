import {createServer} from 'node:net'

import {type BindFault} from '../../contracts/router-host.js'

/** Why nothing of this user can listen there; undefined when the address is free. */
export async function probeBind({
  address,
  port,
}: {
  address: string
  port: number
}): Promise<BindFault | undefined> {
  const code = await listenFault(address, port)
  if (code === undefined) return undefined
  if (code === 'EACCES' || code === 'EPERM') return 'not-allowed'
  return code === 'EADDRNOTAVAIL' ? 'no-such-address' : 'taken'
}

function listenFault(address: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({host: address, port, exclusive: true}, () => server.close(() => resolve(undefined)))
  })
}
