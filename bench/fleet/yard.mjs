// The built yard with a state directory of its own, on a practice fleet that ends with it.
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {cpSync, mkdtempSync, rmSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import {fileURLToPath} from 'node:url'

import {makeLibrary, openStoreAt} from '../catalog/library.mjs'

const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const fixture = fileURLToPath(new URL('../../test/fixtures/patient-service', import.meta.url))
const where = ['--env', 'practice']

/** Resolves with why there is none, or with hosts that are set up and a service that is live on them. */
export async function startPracticeFleet(count) {
  const work = mkdtempSync(path.join(os.tmpdir(), 'yard-bench-'))
  const variables = {...process.env, YARD_STATE_DIR: path.join(work, 'state'), NO_COLOR: '1'}
  const run = (args, cwd = work) => ended(process.execPath, [program, ...args], {cwd, env: variables})
  const stop = async () => {
    await run(['fleet', 'down']).catch(() => undefined)
    rmSync(work, {recursive: true, force: true})
  }
  const up = await run(['fleet', 'up', '--hosts', String(count), '--json'])
  if (up.code !== 0) {
    await stop()
    const {what, why} = JSON.parse(up.stdout).error
    return {missing: why ?? what}
  }
  try {
    const hosts = JSON.parse(up.stdout).hosts
    await openRouters(path.join(work, 'state/catalog.db'))
    await must(run(['host', 'setup', '--all', ...where]))
    const service = path.join(work, 'patient')
    cpSync(fixture, service, {recursive: true})
    const git = (...words) => must(ended('git', words, {cwd: service, env: variables}))
    await git('init', '--quiet', '--initial-branch=main')
    const commit = async (message) => {
      await git('add', '--all')
      const who = [
        '-c',
        'user.name=Bench',
        '-c',
        'user.email=bench@yard.invalid',
        '-c',
        'commit.gpgsign=false',
      ]
      await git(...who, 'commit', '--quiet', '--allow-empty', '--message', message)
    }
    await commit('first')
    await must(run(['register'], service))
    await must(run(['deploy', ...where], service))
    return {
      addresses: hosts.map(({address}) => address),
      async deploy(message) {
        await commit(message)
        await must(run(['deploy', ...where], service))
      },
      rollback: () => must(run(['rollback', 'patient', ...where])),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** So that requests can come from this machine. */
async function openRouters(file) {
  const made = await makeLibrary()
  try {
    const library = await import(made.file)
    const store = await openStoreAt(library, `sqlite:${file}`)
    const key = library.keys.environment('practice')
    const environment = JSON.parse((await store.get(key)).value)
    environment.router.address = '0.0.0.0'
    await store.transact([], [{put: key, value: JSON.stringify(environment)}])
    await store.close()
  } finally {
    made.remove()
  }
}

async function must(running) {
  const {code, stderr, stdout} = await running
  if (code !== 0) throw new Error(`it ended with ${code}\n${stdout}${stderr}`)
}

async function ended(file, args, options) {
  const child = spawn(file, args, {...options, stdio: ['ignore', 'pipe', 'pipe']})
  const texts = {stdout: '', stderr: ''}
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => (texts[name] += text))
  }
  const [code] = await once(child, 'close')
  return {code, ...texts}
}
