import {expect, test} from '@jest/globals'

import {SshRouterHost} from '../../src/adapters/router-host-ssh/index.js'
import {SshRemoteShell} from '../../src/adapters/shell-ssh/index.js'
import {keys} from '../../src/catalog/keys.js'
import Push from '../../src/commands/push.js'
import {type PushReport} from '../../src/lifecycle/push/needs.js'
import {aBinding, anInstance, aService} from '../fakes/records.js'
import {plantRecords} from '../fakes/run-command.js'
import {type PracticeHost, type TestFleet} from '../support/practice-fleet/index.js'
import {describeOnBareDebian, onFleet, setupEnvironment, writePlatform} from './support/host-setup.js'

describeOnBareDebian('pushing to a Debian that was made ready', ({fleet, here, setup, web}) => {
  test('afterwards yard push works as yard, and its HAProxy comes back with the machine', async () => {
    await setup()
    await serve(web())
    await plantRecords(here.state, service(web()))

    expect(await push(here.state)).toMatchObject({hosts: [{outcome: 'reload'}]})
    expect((await web().unit('yard-haproxy.service'))['ActiveState']).toBe('active')
    expect((await web().run('ps', '-C', 'haproxy', '-o', 'user=')).trim().split(/\s+/)).toEqual([
      'yard',
      'yard',
    ])
    expect(await ask(web())).toBe('hello')
    expect(await bindFaults(fleet(), web())).toEqual({yard: undefined, root: 'taken'})
    expect(await push(here.state)).toMatchObject({hosts: [{outcome: 'unchanged'}]})
    // While systemd starts it again: with the files of before, or with the new ones, or with neither yet.
    for (const millis of [0, 500, 700, 1_500]) {
      await web().sh('pkill -KILL -x haproxy', `sleep ${millis / 1_000}`)
      await plantRecords(here.state, service(web(), 1 + millis / 100))
      expect(await push(here.state)).not.toHaveProperty('code')
      expect(await ask(web())).toBe('hello')
    }
    await web().reboot()
    await serve(web())
    expect(await ask(web())).toBe('hello')
    expect((await setup('--check')).host?.changes).toEqual([])
  })

  test('a HAProxy that was pushed as root before goes on as yard, with what it had', async () => {
    await serve(web())
    await plantRecords(here.state, service(web()))
    writePlatform(fleet(), here.state, 'user: root')
    expect(await push(here.state)).toMatchObject({hosts: [{outcome: 'reload'}]})
    // As a sidecar of an earlier version made it.
    await web().run('useradd', '--system', '--home-dir', '/var/lib/yard', '--no-create-home', 'yard')
    writePlatform(fleet(), here.state)

    await startLoad(web())
    await web().sh(...impostor)
    expect(await setup()).toMatchObject({code: 0, host: {outcome: 'ready'}})
    expect(await web().sh('stat -L -c %U $(find /proc/$(cat /run/impostor)/fd -lname "socket:*")')).toBe(
      'nobody\n',
    )
    await web().sh('kill $(cat /run/impostor)')
    expect(await ask(web())).toBe('hello')
    const {lost, sent} = await endLoad(web())
    expect([sent > 100, lost]).toEqual([true, []])
    expect((await web().run('ps', '-C', 'haproxy', '-o', 'user=')).trim().split(/\s+/)).not.toContain('root')
    expect(await setup('--check')).toMatchObject({code: 0, host: {outcome: 'unchanged'}})
    expect(await push(here.state)).toMatchObject({hosts: [{outcome: 'unchanged'}]})
  })
})

/** Starts a process of nobody's that looks like a HAProxy which root pushed, and has a socket. */
const impostor = [
  'cp /usr/bin/python3 /tmp/haproxy',
  'as_nobody="setpriv --reuid=65534 --regid=65534 --clear-groups setsid"',
  'program="import signal, socket, time; signal.signal(signal.SIGUSR1, signal.SIG_IGN); s = socket.socket(); time.sleep(600)"',
  '$as_nobody /tmp/haproxy -c "$program" /run/yard/haproxy-master.sock, < /dev/null > /dev/null 2>&1 &',
  'echo $! > /run/impostor',
  'until find /proc/$!/fd -lname "socket:*" | grep -q .; do sleep 0.05; done',
]

/** Whether the port of the running HAProxy counts as taken for who may not tell systemd to end it, and for who may. */
async function bindFaults(fleet: TestFleet, {address, name, sshKey}: PracticeHost) {
  const faults: Record<string, string | undefined> = {}
  for (const user of ['yard', 'root']) {
    const shell = new SshRemoteShell({
      host: name,
      address,
      user,
      identityFile: fleet.identityFile,
      pinnedKeys: [sshKey],
      acceptsNewKey: false,
      homeDirectory: '/nowhere',
      localUser: user,
      configFile: 'none',
    })
    faults[user] = await new SshRouterHost({shell}).bindFault({address: '127.0.0.1', port: 7070})
    await shell.close()
  }
  return faults
}

async function push(state: string): Promise<PushReport> {
  return JSON.parse((await onFleet(Push, state, [])).stdout) as PushReport
}

/** A request every few milliseconds on the host, each on a connection of its own, until `endLoad`. */
async function startLoad(host: PracticeHost): Promise<void> {
  const script = `const http = require('http'), fs = require('fs')
  const seen = {sent: 0, lost: []}
  let open = 0
  const ended = (lost) => {
    open -= 1
    if (lost !== 200) seen.lost.push(lost)
  }
  const ask = () => {
    seen.sent += 1
    open += 1
    http.get({port: 7070, headers: {'Yard-Service': 'hello'}, agent: false}, (answer) => {
      answer.resume().on('end', () => ended(answer.statusCode))
    }).on('error', (error) => ended(error.code))
  }
  const timer = setInterval(ask, 10)
  const stop = () => {
    clearInterval(timer)
    if (open > 0) return setImmediate(stop)
    fs.writeFileSync('/run/load.json', JSON.stringify(seen))
    process.exit()
  }
  process.on('SIGTERM', stop)
  console.log('started')`
  await host.run('systemd-run', '--unit=load', '--collect', '/usr/local/bin/node', '-e', script)
  await host.sh('until journalctl --unit=load --output=cat | grep -q started; do sleep 0.05; done')
}

async function endLoad(host: PracticeHost): Promise<{sent: number; lost: (number | string)[]}> {
  await host.run('systemctl', 'stop', 'load')
  return JSON.parse(await host.run('cat', '/run/load.json')) as {sent: number; lost: (number | string)[]}
}

/** Something that answers on the host itself. */
async function serve(host: PracticeHost): Promise<void> {
  const lines = "require('http').createServer((_, answer) => answer.end('hello')).listen(4000)"
  await host.run('systemd-run', '--unit=upstream', '--collect', '/usr/local/bin/node', '-e', lines)
}

function service({address, name}: PracticeHost, weight = 100): Record<string, unknown> {
  const instance = anInstance({environment: setupEnvironment, host: name, address, port: 4000, weight})
  return {
    [keys.service('hello')]: aService(),
    [keys.binding(setupEnvironment, 'hello')]: aBinding(),
    [keys.instance(setupEnvironment, 'hello', instance.id)]: instance,
  }
}

/** What HAProxy there answers, once it does. */
async function ask(host: PracticeHost): Promise<string> {
  const script = `const ask = () => fetch('http://127.0.0.1:7070/', {headers: {'Yard-Service': 'hello'}}).then(async (answer) => {
    if (answer.status !== 200) throw new Error(String(answer.status))
    console.log(await answer.text())
  })
  const until = Date.now() + 10_000
  const again = (error) => { if (Date.now() > until) throw error; setTimeout(() => ask().catch(again), 50) }
  ask().catch(again)`
  return (await host.run('/usr/local/bin/node', '-e', script)).trim()
}
