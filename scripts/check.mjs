// `npm run check`: types, lint, format, layers, dead code, and that generated files are fresh. All of them run,
// side by side, and each that objects is shown.
import {spawn} from 'node:child_process'
import {readFile} from 'node:fs/promises'
import path from 'node:path'
import {fileURLToPath} from 'node:url'

import {build} from './build.mjs'
import {manifestFile} from './manifest.mjs'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

const checks = {
  types: ['tsc', '--project', '.'],
  lint: ['eslint', '--cache', '--cache-location', 'node_modules/.cache/eslint/', '.'],
  format: ['prettier', '--check', '--cache', '--log-level', 'warn', '.'],
  layers: ['depcruise', '--config', '.dependency-cruiser.cjs', 'src', 'bin'],
  'dead code': ['knip', '--no-progress'],
}

export async function check() {
  const started = Date.now()
  const manifest = await readFile(manifestFile, 'utf8').catch(() => '')
  await build()
  const isManifestFresh = manifest === (await readFile(manifestFile, 'utf8'))
  if (!isManifestFresh) console.log('✗ oclif.manifest.json was stale; it is written anew, commit it')
  const runs = Object.entries(checks).map(([name, [program, ...args]]) =>
    runCheck(name, path.join(root, 'node_modules/.bin', program), args),
  )
  runs.push(
    runCheck('generated files are fresh', process.execPath, ['scripts/write-documents.mjs', '--check']),
  )
  const results = await Promise.all(runs)
  console.log(
    `check: ${results.filter(Boolean).length} of ${results.length} fine, ${Math.round((Date.now() - started) / 1000)} s`,
  )
  return isManifestFresh && results.every(Boolean)
}

function runCheck(name, file, args) {
  const started = Date.now()
  return new Promise((resolve) => {
    let output = ''
    const child = spawn(file, args, {cwd: root, stdio: ['ignore', 'pipe', 'pipe']})
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    child.on('close', (code) => {
      console.log(`${code === 0 ? '✓' : '✗'} ${name} ${((Date.now() - started) / 1000).toFixed(1)} s`)
      if (code !== 0) console.log(output.trimEnd().replace(/^/gm, '    '))
      resolve(code === 0)
    })
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = (await check()) ? 0 : 1
