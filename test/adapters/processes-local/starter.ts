import {type ProcessSpec} from '../../../src/contracts/process-manager.js'
import {LocalProcessManager, type LocalProcessSettings} from '../../../src/adapters/processes-local/index.js'

/** Starts a process and stays until it is killed; run by a test as a program of its own. */
const {settings, spec} = JSON.parse(process.argv[2] ?? '') as {
  settings: LocalProcessSettings
  spec: ProcessSpec
}
await new LocalProcessManager(settings).start(spec)
setInterval(() => undefined, 1_000)
