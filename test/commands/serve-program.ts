import {fileURLToPath} from 'node:url'

import Serve from '../../src/commands/serve.js'

/** Runs the command as a program of its own, so that a test can send it signals. */
await Serve.run(process.argv.slice(2), {root: fileURLToPath(new URL('../../', import.meta.url))})
