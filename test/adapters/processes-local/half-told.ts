import {spawn} from 'node:child_process'
import {mkdirSync, writeFileSync} from 'node:fs'
import path from 'node:path'

import {type LocalProcessSettings} from '../../../src/adapters/processes-local/index.js'

/** Starts a keeper, tells it half of its secrets and ends with its exit code; run by a test as a program of its own. */
const {directory, settings} = JSON.parse(process.argv[2] ?? '') as {
  directory: string
  settings: LocalProcessSettings
}
const place = path.join(settings.directory, 'hello')
mkdirSync(place, {recursive: true, mode: 0o700})
const spec = {
  id: 'hello',
  labels: {},
  command: {line: 'sleep 30'},
  directory,
  variables: {},
  hasSecrets: true,
}
writeFileSync(path.join(place, 'next-1.json'), JSON.stringify(spec), {mode: 0o600})
const [file, ...first] = settings.keeper
const keeper = spawn(file, [...first, place, 'next-1.json'], {
  env: settings.baseVariables,
  stdio: ['pipe', 'ignore', 'inherit'],
})
keeper.once('exit', (code) => process.exit(code ?? 1))
keeper.stdin.end('{"API_KEY": "hal')
