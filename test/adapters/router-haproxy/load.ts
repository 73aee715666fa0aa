import http from 'node:http'

import {exchange} from './playground.js'

/** Clients that open a connection for each request, and clients that keep theirs; every answer but 200 is a failure. */
export class Load {
  done = 0
  readonly failures: string[] = []
  private isStopped = false
  private readonly clients: Promise<void>[]
  private readonly agent = new http.Agent({keepAlive: true, maxSockets: 8})

  constructor(
    private readonly port: number,
    private readonly service: string,
    private readonly methods: readonly string[] = [...Array.from({length: 9}, () => 'GET'), 'POST'],
    counts = {fresh: 4, kept: 8},
  ) {
    const fresh = Array.from({length: counts.fresh}, () => this.client(false))
    const paced = Array.from({length: counts.kept}, () => this.client(this.agent))
    this.clients = [...fresh, ...paced]
  }

  async stop(): Promise<void> {
    this.isStopped = true
    await Promise.all(this.clients)
    this.agent.destroy()
  }

  private async client(agent: http.Agent | false): Promise<void> {
    const headers = {'Yard-Service': this.service}
    while (!this.isStopped) {
      const method = this.methods[this.done % this.methods.length] ?? 'GET'
      const options = {host: '127.0.0.1', port: this.port, headers, agent, method}
      const outcome = await exchange(options).then(
        ({status}) => (status === 200 ? '' : `status ${status}`),
        (error: unknown) => String(error),
      )
      this.done += 1
      if (outcome !== '') this.failures.push(`${agent === false ? 'new' : 'kept'} ${method}: ${outcome}`)
      await new Promise((resolve) => setTimeout(resolve, agent === false ? 5 : 20))
    }
  }
}
