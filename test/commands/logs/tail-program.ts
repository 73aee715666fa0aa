import {fileURLToPath} from 'node:url'

import LogsTail from '../../../src/commands/logs/tail.js'

/** Runs the command as a program of its own, so that a test can put a pipe behind it. */
await LogsTail.run(process.argv.slice(2), {root: fileURLToPath(new URL('../../../', import.meta.url))})
