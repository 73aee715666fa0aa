import {buildApp} from '../src/app.js'
import {readConfig} from '../src/config.js'

/** The service with a test configuration, and the log lines it writes. */
export function testApp(variables: Record<string, string> = {}) {
  const result = readConfig({YARD_RELEASE: 'test-r1', LOG_LEVEL: 'debug', ...variables})
  if (!result.ok) throw new Error(result.errors.join(', '))
  const lines: string[] = []
  const app = buildApp(result.config, {write: (line) => lines.push(line)})
  const log = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  return {app, log}
}
