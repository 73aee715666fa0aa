// How long a person waits before yard does anything, beside an empty Node process.
import {mkdtempSync, rmSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import {fileURLToPath} from 'node:url'

import {compare, cpuMillis, printRatios} from './measure.mjs'

const yard = fileURLToPath(new URL('../bin/run.js', import.meta.url))

export function bench() {
  const state = mkdtempSync(path.join(os.tmpdir(), 'yard-bench-'))
  const env = {YARD_STATE_DIR: state}
  const run = (...args) => ({file: process.execPath, args: [yard, ...args], env})
  try {
    cpuMillis(run('services', 'list'))
    const best = compare(
      [
        {name: 'node -e 0', command: () => ({file: process.execPath, args: ['-e', '0']})},
        {name: 'yard --version', command: () => run('--version')},
        {name: 'yard services list', command: () => run('services', 'list')},
        {name: 'yard --help', command: () => run('--help')},
      ],
      30,
    )
    return printRatios('Start-up', best, 'node -e 0', [
      {name: 'yard --version', of: 'node -e 0', most: 2},
      {name: 'yard services list', of: 'node -e 0', most: 7},
    ])
  } finally {
    rmSync(state, {recursive: true, force: true})
  }
}
