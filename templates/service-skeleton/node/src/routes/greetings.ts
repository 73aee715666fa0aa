import {type FastifyInstance} from 'fastify'

/** The example: replace it by what the service is for. */
export function greetings(app: FastifyInstance, service: string, greeting: string): void {
  app.get('/', () => ({service, links: {greeting: '/greetings/world'}}))

  const params = {type: 'object', properties: {name: {type: 'string', minLength: 1, maxLength: 50}}}
  app.get<{Params: {name: string}}>('/greetings/:name', {schema: {params}}, (request) => ({
    greeting: `${greeting}, ${request.params.name}`,
  }))
}
