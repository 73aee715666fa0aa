import {type FastifyInstance} from 'fastify'

import {Refusal} from './refusal.js'

/**
 * On loopback only names of this machine are answered to: a web page that lets its own name resolve to 127.0.0.1 would
 * reach the server through the browser of whoever looks at it.
 */
export function checkHosts(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => {
    const host = request.headers.host ?? ''
    if (!isLocalHost(host)) throw anotherHost()
  })
}

/** Whether a `Host` header names this machine. */
export function isLocalHost(host: string): boolean {
  return /^(?:localhost|(?:[a-z0-9-]+\.)+localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i.test(host)
}

function anotherHost(): Refusal {
  return new Refusal(403, 'E_CATALOG_FORBIDDEN', {
    what: "Can't answer for another machine",
    why: 'the server listens on this machine only, and the Host header of the request names another',
    next: ['yard serve --behind-proxy   # where a proxy passes on the name that it was asked for'],
  })
}
