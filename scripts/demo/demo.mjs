// The whole life of a service on this machine, with real parts, in a temporary directory. Every command is printed
// before it runs, so that the output reads as a tutorial.
import {spawn} from 'node:child_process'
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import http from 'node:http'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import {fileURLToPath} from 'node:url'

import {startLoad} from './load.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const perSecond = 200
const leastRequests = 2_200

export async function demo() {
  const started = performance.now()
  const home = await mkdtemp(path.join(os.tmpdir(), 'yard-demo-'))
  const shell = new Shell(home)
  const onSignal = () => void shell.cleanUp().finally(() => process.exit(130))
  process.once('SIGINT', onSignal)
  process.once('SIGTERM', onSignal)
  try {
    await life(shell)
    say(
      `That was the whole life of a service, in ${Math.round((performance.now() - started) / 1000)} s. Make your own: see README.md.`,
    )
    console.log(
      '# Next on many hosts, your own or practice ones (yard fleet up --hosts 3): docs/guides/fleet.md.',
    )
  } finally {
    await shell.cleanUp()
  }
}

async function life(shell) {
  const port = (await isFree(7070)) ? 7070 : await freePort()
  const url = `http://127.0.0.1:${port}/`

  say('1. Start the local environment: HAProxy, process supervision, catalog.')
  await shell.yard('up', '--detach', ...(port === 7070 ? [] : ['--port', String(port)]))

  say('2. Make a service: code, tests, CI, smoke tests, a repository with a first commit.')
  await shell.yard('generate', 'service', 'hello')
  shell.enter('hello')

  say('3. Tell the catalog about it, and ship it.')
  await shell.yard('register')
  await shell.yard('deploy', '--env', 'local')

  say('4. Test it through the router, and reach it by name: with a header, or from any browser.')
  await shell.yard('smoke', '--env', 'local')
  await shell.get(url, {'Yard-Service': 'hello'})
  await shell.get(`http://hello.localhost:${port}/`, {})

  say(`5. Change it and ship again while ${perSecond} requests a second go through HAProxy; then roll back.`)
  const load = startLoad({url, headers: {'Yard-Service': 'hello'}, perSecond})
  await shell.changeGreeting()
  await shell.run('git', 'commit', '--all', '--quiet', '--message', 'Greet more warmly')
  await shell.yard('deploy', '--env', 'local')
  await shell.get(`${url}greetings/world`, {'Yard-Service': 'hello'})
  await shell.yard('rollback', '--env', 'local')
  await shell.get(`${url}greetings/world`, {'Yard-Service': 'hello'})
  while (load.counts.sent < leastRequests) await new Promise((resolve) => setTimeout(resolve, 50))
  const counts = await load.stop()
  const releases = [...counts.releases].map(([release, count]) => `${release} answered ${count}`).join(', ')
  console.log(`\n${counts.failed} of ${counts.sent} requests failed (${releases})`)
  if (counts.failed > 0) throw new Error(`requests failed during the deploy: ${counts.firstFailure}`)

  say('6. See what it wrote, what runs, and what can be rolled back to.')
  await shell.yard('logs', 'tail', 'hello', '--no-follow', '--lines', '5')
  await shell.yard('status')
  await shell.yard('releases', 'list', 'hello')

  say('7. Stop everything.')
  await shell.yard('down')
}

class Shell {
  constructor(home) {
    this.home = home
    this.directory = home
    this.env = {
      ...process.env,
      YARD_STATE_DIR: path.join(home, 'state'),
      GIT_AUTHOR_NAME: process.env.GIT_AUTHOR_NAME ?? 'Yard Demo',
      GIT_AUTHOR_EMAIL: process.env.GIT_AUTHOR_EMAIL ?? 'demo@yard.invalid',
      GIT_COMMITTER_NAME: process.env.GIT_COMMITTER_NAME ?? 'Yard Demo',
      GIT_COMMITTER_EMAIL: process.env.GIT_COMMITTER_EMAIL ?? 'demo@yard.invalid',
    }
  }

  enter(name) {
    this.directory = path.join(this.directory, name)
    prompt(`cd ${name}`)
  }

  yard(...args) {
    prompt(['yard', ...args].join(' '))
    return this.start(process.execPath, [path.join(root, 'bin/run.js'), ...args])
  }

  run(file, ...args) {
    prompt([file, ...args.map((word) => (word.includes(' ') ? `'${word}'` : word))].join(' '))
    return this.start(file, args)
  }

  /** What curl would do; Node is used because curl may be missing. */
  async get(url, headers) {
    const words = Object.entries(headers).map(([name, value]) => `-H '${name}: ${value}' `)
    prompt(`curl ${words.join('')}${url}`)
    const response = await get(url, headers)
    console.log(response.body)
    if (response.status !== 200) throw new Error(`${url} answered ${response.status}`)
  }

  async changeGreeting() {
    const file = path.join(this.directory, 'service.yaml')
    prompt(`sed -i 's/GREETING: Hello/GREETING: A warm hello/' service.yaml`)
    const text = await readFile(file, 'utf8')
    const changed = text.replace('GREETING: Hello', 'GREETING: A warm hello')
    if (changed === text) throw new Error('the greeting to change was not found')
    await writeFile(file, changed)
  }

  start(file, args) {
    return new Promise((resolve, reject) => {
      const child = spawn(file, args, {
        cwd: this.directory,
        env: this.env,
        stdio: ['ignore', 'inherit', 'inherit'],
      })
      child.on('error', reject)
      child.on('close', (code) =>
        code === 0 ? resolve() : reject(new Error(`${args.slice(-3).join(' ')} ended with ${code}`)),
      )
    })
  }

  async cleanUp() {
    const down = spawn(process.execPath, [path.join(root, 'bin/run.js'), 'down'], {
      cwd: root,
      env: this.env,
      stdio: 'ignore',
    })
    await new Promise((resolve) => down.on('close', resolve))
    await rm(this.home, {recursive: true, force: true, maxRetries: 5})
  }
}

function say(text) {
  console.log(`\n# ${text}`)
}

function prompt(command) {
  console.log(`\n$ ${command}`)
}

/** Names below localhost mean this machine, also where the system's resolver doesn't know them. */
function get(url, headers) {
  const {host, pathname, port} = new URL(url)
  return new Promise((resolve, reject) => {
    const call = http.get(
      {host: '127.0.0.1', port, path: pathname, headers: {Host: host, ...headers}},
      (response) => {
        const chunks = []
        response.on('data', (chunk) => chunks.push(chunk))
        response.on('end', () =>
          resolve({status: response.statusCode, body: Buffer.concat(chunks).toString()}),
        )
      },
    )
    call.on('error', reject)
  })
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = net.createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer()
    server.listen(0, '127.0.0.1', () => {
      const {port} = server.address()
      server.close(() => resolve(port))
    })
  })
}
