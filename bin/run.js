#!/usr/bin/env node
import {fileURLToPath} from 'node:url'

const argv = process.argv.slice(2)

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `yard needs Node 20.19 or newer; this is ${process.version}.\nNext: install Node 24 from https://nodejs.org\n`,
  )
  process.exit(2)
}

// Answered before anything is loaded: scripts ask for the version often.
if (argv.length === 1 && argv[0] === '--version') {
  const {readFileSync} = await import('node:fs')
  const {name, version} = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`)
} else {
  const {runCli} = await import('../dist/cli.js')
  await runCli(fileURLToPath(new URL('..', import.meta.url)), argv)
}
