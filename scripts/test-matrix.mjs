// `npm run test:matrix`: the unit suite on each Node that yard supports. They come from the npm registry as plain
// packages without install scripts (Linux on x64 and arm64; elsewhere only the Node at hand is used).
import {existsSync, mkdirSync, writeFileSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import {fileURLToPath} from 'node:url'
import {spawnSync} from 'node:child_process'

import {runOrExit} from './bootstrap/run.mjs'
import {jestCommand, jestEnvironment} from './jest.mjs'
import {precompileTemplates} from './precompile-templates.mjs'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const majors = [20, 22, 24]

export async function testMatrix() {
  await precompileTemplates()
  const results = majors.map((major) => ({major, outcome: testOn(major)}))
  console.log()
  for (const {major, outcome} of results) console.log(`Node ${major}: ${outcome}`)
  process.exitCode = results.some(({outcome}) => outcome.startsWith('failed')) ? 1 : 0
}

function testOn(major) {
  const node = nodeOf(major)
  if (node === undefined)
    return `skipped, no Node ${major} for ${process.platform}-${process.arch} in the registry`
  const version = spawnSync(node, ['--version'], {encoding: 'utf8'}).stdout.trim()
  console.log(`\nNode ${version}`)
  const {status} = spawnSync(node, jestCommand(['unit', 'contract']), {
    cwd: root,
    stdio: 'inherit',
    env: {...jestEnvironment(), PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}`},
  })
  return status === 0 ? `passed on ${version}` : `failed on ${version}`
}

function nodeOf(major) {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) return undefined
  const name = `node-linux-${process.arch}`
  const directory = path.join(
    process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'),
    'yard',
    `node-${major}`,
  )
  const node = path.join(directory, 'node_modules', name, 'bin/node')
  if (!existsSync(node)) {
    mkdirSync(directory, {recursive: true})
    writeFileSync(path.join(directory, 'package.json'), '{"private": true}\n')
    runOrExit(
      'npm',
      ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--force', `${name}@${major}`],
      {cwd: directory},
    )
  }
  return existsSync(node) ? node : undefined
}
