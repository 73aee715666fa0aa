// Runs one kind of tests: `node scripts/jest.mjs unit [jest options]`.
import path from 'node:path'
import {fileURLToPath} from 'node:url'

import {runAndListen, runOrExit} from './bootstrap/run.mjs'
import {build} from './build.mjs'
import {precompileTemplates} from './precompile-templates.mjs'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

/** oclif and yard load code with import(), which jest allows behind this flag only. */
export function jestEnvironment() {
  const options = [
    process.env.NODE_OPTIONS,
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
  ]
  return {
    ...process.env,
    NODE_OPTIONS: options.filter(Boolean).join(' '),
    NO_COLOR: '1',
    FORCE_COLOR: undefined,
  }
}

export function jestCommand(projects, options = []) {
  const reporters = ['--reporters=default', '--reporters=./scripts/why-skipped.mjs']
  const jest = path.join(root, 'node_modules/jest/bin/jest.js')
  // The list of projects goes on to the next flag: without one in between, a file would be taken for a project.
  return [jest, '--selectProjects', ...projects, ...reporters, '--showSeed=false', ...options]
}

/** Resolves with the exit code and how many tests passed, failed and were skipped. */
export async function runJest(projects) {
  let output = ''
  const exitCode = await runAndListen(
    process.execPath,
    jestCommand(projects),
    {cwd: root, env: jestEnvironment()},
    (text) => (output += text),
  )
  return {exitCode, counts: countsIn(output)}
}

function countsIn(output) {
  const line = output.split('\n').findLast((text) => text.startsWith('Tests:')) ?? ''
  const count = (word) => Number(new RegExp(`(\\d+) ${word}`).exec(line)?.[1] ?? 0)
  return {passed: count('passed'), failed: count('failed'), skipped: count('skipped')}
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [kind, ...options] = process.argv.slice(2)
  // The end-to-end tests run what was built; the others need the templates only.
  await (kind === 'e2e' ? build() : precompileTemplates())
  runOrExit(process.execPath, jestCommand([kind], options), {cwd: root, env: jestEnvironment()})
}
