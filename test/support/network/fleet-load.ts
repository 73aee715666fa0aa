import {type LoadCounts} from './helper.js'
import {type HostLoad} from './host.js'

/** So many requests to a service tell who answers it: one of six instances is left out once in 60,000 times. */
const enough = 60
const patienceMillis = 30_000

/** Requests under way on several hosts. */
export class FleetLoad {
  constructor(private readonly loads: readonly (readonly [host: string, load: HostLoad])[]) {}

  /** Waits until each of these instances has answered on each host, from now on. */
  async isAnsweredBy(service: string, ids: readonly string[]): Promise<void> {
    for (const [host, load] of this.loads) {
      const before = (await load.look())[service]
      let seen: string[] = []
      await until(
        async () => {
          seen = Object.keys(newAnswers(before, (await load.look())[service]))
          return ids.every((id) => seen.includes(id))
        },
        () => `${host}: ${service} is answered by ${seen.join(', ')}, not by all of ${ids.join(', ')}`,
      )
    }
  }

  /** The instances that answer from now on, on any of the hosts; sorted. */
  async whoAnswers(service: string): Promise<string[]> {
    const answering = new Set<string>()
    for (const [host, load] of this.loads) {
      const before = (await load.look())[service]
      let answers: Record<string, number> = {}
      await until(
        async () => {
          answers = newAnswers(before, (await load.look())[service])
          return Object.values(answers).reduce((sum, count) => sum + count, 0) >= enough
        },
        () => `${host}: ${service} is answered too seldom: ${JSON.stringify(answers)}`,
      )
      for (const id of Object.keys(answers)) answering.add(id)
    }
    return [...answering].sort()
  }

  async stop(): Promise<void> {
    await Promise.all(this.loads.map(([, load]) => load.stop()))
  }

  /** Ends it. A line per service of a host that lost requests; empty when none was lost. */
  async lost(): Promise<string[]> {
    const lines = await Promise.all(
      this.loads.map(async ([host, load]) =>
        Object.entries(await load.stop())
          .filter(([, {failed, sent}]) => failed > 0 || sent === 0)
          .map(([service, counts]) => lossLine(host, service, counts)),
      ),
    )
    return lines.flat()
  }
}

function lossLine(host: string, service: string, {failed, failures, sent}: LoadCounts): string {
  return `${host}: ${failed} of ${sent} requests to ${service}: ${JSON.stringify(failures.slice(0, 5))}`
}

function newAnswers(before: LoadCounts | undefined, after: LoadCounts | undefined): Record<string, number> {
  const counts = Object.entries(after?.answeredBy ?? {}).map(
    ([id, count]) => [id, count - (before?.answeredBy[id] ?? 0)] as const,
  )
  return Object.fromEntries(counts.filter(([, count]) => count > 0))
}

async function until(look: () => Promise<boolean>, say: () => string): Promise<void> {
  const deadline = Date.now() + patienceMillis
  while (!(await look())) {
    if (Date.now() > deadline) throw new Error(`not within ${patienceMillis} ms: ${say()}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
