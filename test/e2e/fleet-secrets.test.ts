import {createHash, randomBytes} from 'node:crypto'
import {readFileSync} from 'node:fs'
import path from 'node:path'

import {afterAll, beforeAll, expect, test} from '@jest/globals'

import {plantRecords} from '../fakes/run-command.js'
import {describeOnPracticeFleet} from '../support/practice-fleet/index.js'
import {Canary} from './support/canary.js'
import {PlainService} from './support/plain-service.js'
import {Sandbox} from './support/sandbox.js'

const secret = new Canary(`CANARY-7f3d-${randomBytes(12).toString('hex')}`)
/** As secrets are: several lines, quotes, and what means something to a shell and to systemd. */
const value = `${secret.text} "&%h'$HOME\\é\n-----END ${secret.text}-----`
const digest = createHash('sha256').update(value).digest('hex')
const where = ['--env', 'practice']

/** What is seen of processes, of systemd and of the journal there. */
const shown = [
  "systemctl show '*' --all",
  "systemctl cat 'yard-*'",
  'journalctl --sync',
  'journalctl --output=export --no-pager',
]

describeOnPracticeFleet('a secret of a service on a fleet', {hosts: 2}, (fleet) => {
  const sandbox = new Sandbox()
  const written: string[] = []
  let service: PlainService

  beforeAll(async () => {
    fleet().lendTo(sandbox.state)
    await plantRecords(sandbox.state, fleet().records())
    await Promise.all(fleet().hosts.map(({name}) => sandbox.mustRun(['host', 'setup', name, ...where])))
    service = new PlainService(sandbox, 'vault')
    await sandbox.mustRun(['register'], {cwd: service.root})
  })
  afterAll(async () => {
    secret.stopWatching()
    await sandbox.dispose()
  })

  async function yard(args: string[], input?: string): Promise<{code: number | null; said: string}> {
    const {code, stderr, stdout} = await sandbox.yard([...args, ...where], {
      cwd: service.root,
      ...(input !== undefined && {input}),
    })
    written.push(stdout, stderr)
    return {code, said: stdout + stderr}
  }

  /** Without `proc` and `sys`, which the samples of command lines are of. */
  const filesWithItOn = (host: number) =>
    fleet().hosts[host]!.sh(
      `grep -rlaF -e ${secret.text} / --exclude-dir=proc --exclude-dir=sys --exclude-dir=dev 2>/dev/null || true`,
    )

  test('D11 reaches its process, and is in no command line, output, unit, journal, file or record on the way', async () => {
    // The hosts' processes are among those of this machine.
    secret.watchCommandLines()
    expect(await yard(['config', 'set', 'vault', 'API_KEY', '--secret'], value)).toMatchObject({code: 0})
    expect(await yard(['deploy'])).toMatchObject({code: 0})
    const print =
      "console.log(require('node:crypto').createHash('sha256').update(process.env.API_KEY).digest('hex'))"
    const ended = await sandbox.yard(['run', 'vault', ...where, '--', 'node', '--eval', print])
    expect(ended.stdout).toBe(`${digest}\n`)
    expect(await yard(['restart', 'vault'])).toMatchObject({code: 0})
    for (const words of [['ps'], ['deploy', 'show', '1', '--json'], ['deploy', 'list', '--json']]) {
      expect(await yard(words)).toMatchObject({code: 0})
    }
    expect(secret.stopWatching()).toEqual([])
    expect(secret.samples).toBeGreaterThan(100)

    expect(written.filter((text) => secret.isIn(text))).toEqual([])
    expect(secret.filesWith(sandbox.state)).toEqual([])
    for (const [index, host] of fleet().hosts.entries()) {
      expect(secret.isIn(await host.sh(...shown))).toBe(false)
      // Where systemd hands it to the unit, in memory and for its user alone.
      expect(await filesWithItOn(index)).toBe('/run/credentials/yard-vault-r1.web.2.service/environment\n')
      const release = readFileSync(host.path('/srv/yard/vault/releases/r1/release.json'), 'utf8')
      expect(secret.isIn(release)).toBe(false)
      expect(await host.sh('stat -c "%a %U" /run/yard-host')).toBe('700 root\n')
    }
  })

  test('D11 that a release writes as it crashes is hidden in what is shown, kept and told', async () => {
    const file = readFileSync(path.join(service.root, 'service.yaml'), 'utf8')
    service.write('service.yaml', `${file}hooks: {onFailure: ["cat > ${sandbox.home}/told.json"]}\n`)
    service.edit(
      'server.js',
      "if (mode === 'crash')",
      "console.error('the key', process.env.API_KEY, 'is wrong')\nif (mode === 'crash' || process.env.YARD_RELEASE === 'vault-r2')",
    )
    service.commit('writes its key and crashes')

    const {code, said} = await yard(['deploy', '--json'])

    expect(code).toBe(1)
    expect(said).toMatch(/the key [^]* is wrong/)
    expect(secret.isIn(said)).toBe(false)
    const told = readFileSync(path.join(sandbox.home, 'told.json'), 'utf8')
    expect(JSON.parse(told)).toMatchObject({event: 'on-failure', failedStep: 'health'})
    expect(told).toMatch(/the key/)
    expect(secret.isIn(told)).toBe(false)
    const [newest] = await sandbox.json<{number: number}[]>(['deploy', 'list', ...where])
    const kept = await yard(['deploy', 'show', String(newest?.number)])
    expect(kept).toMatchObject({code: 0, said: expect.stringContaining('failed')})
    expect(secret.isIn(kept.said)).toBe(false)
    expect(secret.filesWith(sandbox.state)).toEqual([])
  })
})
