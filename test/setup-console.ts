// Jest decorates console.log, so exact output could not be compared; oclif prints through the console.
import {Console} from 'node:console'

// oclif listens to it each time that it is loaded: once for each test file, which share a process.
process.stdout.removeAllListeners('error')

globalThis.console = new Console(process.stdout, process.stderr)
