import {startChild} from '../../../src/adapters/processes-local/child.js'

/** Starts a program and is killed before it lets it go; run by a test as a program of its own. */
const directory = process.argv[2] ?? ''
const variables = {PATH: process.env['PATH'] ?? '/usr/bin:/bin'}
const output = {onChunk: () => undefined, onEnd: () => undefined}
await startChild({command: {line: 'touch began; exec sleep 30'}, directory, variables}, output)
process.kill(process.pid, 'SIGKILL')
