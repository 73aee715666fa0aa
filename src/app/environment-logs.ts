import {tail} from '../lifecycle/tail.js'
import {writeLines} from '../terminal/log-stream.js'
import {logView} from '../terminal/log-view.js'
import {tailNeeds} from './tail-needs.js'
import {watchReader} from './watch-reader.js'
import {type Yard} from './yard.js'

/** Shows what all instances of an environment write from now on, until the signal aborts. */
export async function showEnvironmentLogs(yard: Yard, environment: string): Promise<void> {
  const request = {
    environment,
    service: undefined,
    release: undefined,
    all: false,
    lines: 0,
    since: undefined,
    follow: true,
    level: undefined,
    contains: undefined,
    matches: undefined,
  }
  const lines = await tail(await tailNeeds(yard), request, yard.signal)
  await writeLines(viewed(lines), process.stdout, () => undefined, watchReader(process.stdout.fd))
}

async function* viewed(lines: Awaited<ReturnType<typeof tail>>): AsyncIterable<string> {
  const view = logView()
  for await (const line of lines) yield view(line)
}
