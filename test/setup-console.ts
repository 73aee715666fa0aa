// Jest decorates console.log, so exact output could not be compared; oclif prints through the console.
import {Console} from 'node:console'

globalThis.console = new Console(process.stdout, process.stderr)
