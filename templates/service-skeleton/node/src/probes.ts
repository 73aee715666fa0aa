import {type FastifyInstance} from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    /** Set by SIGTERM: from then on the service isn't ready any more, but goes on serving. */
    draining: boolean
  }
}

/** `/livez` says that the process runs, `/readyz` that it wants traffic. Neither asks other systems. */
export function probes(app: FastifyInstance): void {
  app.decorate('draining', false)
  app.get('/livez', () => ({status: 'ok'}))
  app.get('/readyz', (_request, reply) => {
    if (app.draining) return reply.code(503).send({status: 'draining'})
    return reply.send({status: 'ready'})
  })
  app.addHook('onSend', async (_request, reply) => {
    if (app.draining) reply.header('connection', 'close')
  })
}
