import {LocalCommandRunner} from '../../../src/adapters/shell-local/index.js'

/** Runs a command that never ends; run by a test as a program of its own, to be killed. */
const runner = new LocalCommandRunner({baseVariables: {PATH: process.env['PATH'] ?? '/usr/bin:/bin'}})
const directory = process.argv[2] ?? ''
void runner.run({line: 'echo $$ > orphan; sleep 1000'}, {directory, deadlineMillis: 1_000_000})
