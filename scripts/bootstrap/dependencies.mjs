// Brings node_modules in line with the lock file. Uses nothing but Node, because nothing is installed yet.
import {existsSync, statSync} from 'node:fs'
import path from 'node:path'

import {runOrExit} from './run.mjs'

const oldestNode = [20, 19]

export function ensureNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return
  console.error(`yard needs Node ${oldestNode.join('.')} or newer; this is ${process.version}.`)
  console.error('Next: install Node 22 or 24 from https://nodejs.org and run the command again.')
  process.exit(2)
}

export function ensurePackages(directory) {
  const lock = path.join(directory, 'package-lock.json')
  const installed = path.join(directory, 'node_modules', '.package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return
  console.error(`Installing packages in ${path.basename(directory)} (npm ci) …`)
  runOrExit(
    'npm',
    ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'],
    {
      cwd: directory,
      stdio: ['ignore', process.stderr, process.stderr],
    },
  )
}
