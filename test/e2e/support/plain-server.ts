import {once} from 'node:events'
import {Worker} from 'node:worker_threads'

/** The text of a program: it takes its answer from whoever started it, and tells its port. */
const program = `
const {parentPort, workerData} = require('node:worker_threads')
const server = require('node:http').createServer((_, response) => response.end(workerData))
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))`

/**
 * A server that answers everything with the same text. It has a thread of its own: a service doesn't stand still because a
 * test does, and HAProxy would take it out of service for that.
 */
export class PlainServer {
  private constructor(
    private readonly worker: Worker,
    readonly port: number,
  ) {}

  static async start(answer: string): Promise<PlainServer> {
    const worker = new Worker(program, {eval: true, workerData: answer})
    const [port] = (await once(worker, 'message')) as [number]
    return new PlainServer(worker, port)
  }

  async stop(): Promise<void> {
    await this.worker.terminate()
  }
}
