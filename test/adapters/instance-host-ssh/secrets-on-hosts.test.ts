import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'

import {afterEach, beforeAll, expect, test} from '@jest/globals'

import {Secret} from '../../../src/domain/secret.js'
import {type Debian, describeOnDebian, fence, server, spec, Started, until} from './debian.js'

const canary = 'CANARY-7f3a'
/** With what trips quoting up, over several lines. */
const value = `${canary}'"$HOME\`id\`\n-----BEGIN-----\n${canary}%h\\`
/** As it is, as base64 from each of three places on, for a URL, for a shell and in hexadecimal. */
const forms = [
  canary,
  ...[0, 1, 2].map((skip) =>
    Buffer.from(canary)
      .subarray(skip)
      .toString('base64')
      .replace(/.{2}=*$/, ''),
  ),
  canary.replace('-', '%2D'),
  Buffer.from(canary).toString('hex'),
]
const web = 'billing-r1@web-1'
const worker = 'billing-r1.worker@web-1'

describeOnDebian('a secret on a host', (ready) => {
  let debian: Debian
  let started: Started
  const samplers: Sampler[] = []

  beforeAll(() => {
    debian = ready()
    debian.release('billing', 1)
    started = new Started(debian)
  })
  afterEach(async () => {
    await Promise.all(samplers.splice(0).map((each) => each.stop()))
    await started.endAll()
  })

  test('D11 reaches the processes, and is in no process list here or there while they are started, run and stopped', async () => {
    const sampler = await Sampler.start()
    samplers.push(sampler)
    const secrets = async () => ({TOKEN: new Secret(value)})
    await started.start(
      spec(web, server('one'), {port: 8101, variables: {PORT: '8101'}, secrets}),
      spec(worker, 'printf %s "$TOKEN" | sha256sum; exec sleep 1000', {secrets}),
    )
    await started.untilOwned(web, 8101)
    expect(await started.lines(worker, 1)).toEqual([await hashOf(value)])
    const once = spec('billing-r1.release@web-1', 'printf %s "$TOKEN" | sha256sum; sleep 0.3', {secrets})
    const result = await started.instances.runOnce({instance: once, deadlineMillis: 20_000, fence: fence(1)})
    expect(result.lastLines).toEqual([await hashOf(value)])
    await started.stop(worker)
    const {hits, lists} = await sampler.stop()
    expect(hits).toEqual([])
    expect(lists).toBeGreaterThan(20)
  })

  test('D11 is in no unit, log, release, history or file that others may read', async () => {
    const secrets = async () => ({TOKEN: new Secret(value)})
    await started.start(spec(worker, 'exec sleep 1000', {secrets}))
    await started.instances.runOnce({
      instance: spec('billing-r1.release@web-1', 'true', {secrets}),
      deadlineMillis: 20_000,
    })
    const shown = await debian.machine.sh(
      "systemctl show '*' --all",
      "systemctl cat 'yard-*'",
      'journalctl --sync',
      'journalctl --output=export --no-pager',
      'env',
    )
    for (const form of forms) expect(shown.includes(form)).toBe(false)
    const files = await filesWithIt()
    // The one place: what systemd hands to the unit, on a file system in memory, for its user alone.
    expect(files).toEqual([
      '/run/credentials/yard-billing-r1.worker.service/environment 400 yard-billing ramfs',
    ])
    expect(
      await debian.machine.run('stat', '-c', '%a %U', '/run/credentials/yard-billing-r1.worker.service'),
    ).toBe('500 yard-billing\n')
    expect(await debian.machine.run('stat', '-c', '%a %U', '/var/lib/yard-host', '/run/yard-host')).toBe(
      '700 root\n700 root\n',
    )
    await started.stop(worker)
    expect(await filesWithIt()).toEqual([])
  })

  test('D11 is nowhere after a start that was cut off in the middle', async () => {
    const secrets = async () => ({TOKEN: new Secret(value)})
    const shell = debian.shell()
    const starting = debian
      .instances(shell)
      .start(
        [spec(worker, 'exec sleep 1000', {secrets}), {...spec(worker, 'true'), id: 'billing-r8@web-1'}],
        fence(1),
      )
    await expect(starting).rejects.toMatchObject({code: 'E_STEP_FAILED', why: 'billing-r8 is not there'})
    expect(await filesWithIt()).toEqual([])
    expect(await started.status(worker)).toBeUndefined()
  })

  test('D11 cannot be read by another service, nor by the deploy user', async () => {
    debian.release('other', 1)
    await started.start(spec(worker, 'exec sleep 1000', {secrets: async () => ({TOKEN: new Secret(value)})}))
    const pid = (await started.status(worker))!.pid!
    const places = [
      `/proc/${pid}/environ`,
      '/run/credentials/yard-billing-r1.worker.service/environment',
      '/var/lib/yard-host/credentials/billing-r1.worker',
    ]
    const line = places.map((each) => `cat ${each} && echo read;`).join(' ') + ' true'
    const asOther = await debian
      .instances()
      .runOnce({instance: spec('other-r1@web-1', line), deadlineMillis: 20_000})
    expect(asOther.lastLines.join('\n')).not.toMatch(/CANARY|^read$/m)
    const asDeployer = await debian.shell().run({file: 'sh', args: ['-c', line], deadlineMillis: 20_000})
    expect(asDeployer.stdout).toBe('')
  })

  /** Each with its mode, its owner and its file system. */
  async function filesWithIt(): Promise<string[]> {
    const found = await debian.machine.sh(
      `grep -rlaF ${forms.map((form) => `-e '${form}'`).join(' ')} / --exclude-dir=proc --exclude-dir=sys --exclude-dir=dev 2>/dev/null | sort > /dev/shm/found || true`,
      `while read -r file; do echo "$file $(stat -c '%a %U' "$file") $(stat -f -c %T "$file")"; done < /dev/shm/found`,
      'rm /dev/shm/found',
    )
    return found.split('\n').filter((line) => line !== '')
  }

  async function hashOf(text: string): Promise<string> {
    const digest = await crypto.subtle.digest('SHA-256', Buffer.from(text))
    return `${Buffer.from(digest).toString('hex')}  -`
  }
})

/** Reads the command lines of all processes every 5 ms; those of the host are among the ones of this machine. */
class Sampler {
  private output = ''
  private constructor(private readonly child: ChildProcess) {
    child.stdout?.on('data', (chunk: Buffer) => (this.output += chunk.toString()))
  }

  static async start(): Promise<Sampler> {
    // The forms are not on its own command line: that would be a hit.
    const text = `
      const {readdirSync, readFileSync} = require('node:fs')
      const forms = JSON.parse(readFileSync(0, 'utf8'))
      const hits = new Set()
      let lists = 0
      process.on('SIGTERM', () => { console.log(JSON.stringify({hits: [...hits], lists})); process.exit() })
      console.log('begun')
      setInterval(() => {
        for (const pid of readdirSync('/proc')) {
          if (!/^\\d+$/.test(pid)) continue
          let line = ''
          try { line = readFileSync('/proc/' + pid + '/cmdline', 'latin1') } catch {}
          if (forms.some((form) => line.includes(form))) hits.add(line)
        }
        lists += 1
      }, 5)`
    const child = spawn(process.execPath, ['-e', text], {stdio: ['pipe', 'pipe', 'inherit']})
    const sampler = new Sampler(child)
    child.stdin.end(JSON.stringify(forms))
    await until('it samples', async () => (sampler.output.includes('begun') ? true : undefined))
    return sampler
  }

  async stop(): Promise<{hits: string[]; lists: number}> {
    if (this.child.exitCode === null) {
      this.child.kill('SIGTERM')
      await once(this.child, 'close')
    }
    return JSON.parse(this.output.split('\n')[1]!) as {hits: string[]; lists: number}
  }
}
