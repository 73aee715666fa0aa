import {mkdirSync, readFileSync} from 'node:fs'

import {beforeAll, expect, test} from '@jest/globals'

import {hostProgram} from '../../../src/domain/host-unit.js'
import {type Debian, describeOnDebian, fence, spec} from './debian.js'

const refused = 64

describeOnDebian('what the deploy user may do through the program of root', (ready) => {
  let debian: Debian
  beforeAll(() => {
    debian = ready()
    debian.release('billing', 1)
  })

  test('is all that the deploy user may do as root, and no variable of that user reaches it', async () => {
    const shell = debian.shell()
    const asUser = async (...words: string[]) => {
      const {exitCode, stderr, stdout} = await shell.run({
        file: 'sudo',
        args: ['-n', ...words],
        deadlineMillis: 20_000,
      })
      return {exitCode, said: stderr + stdout}
    }
    expect((await asUser(hostProgram, 'list')).exitCode).toBe(0)
    const others = [
      ['/bin/sh', '-c', 'id'],
      ['id'],
      [`${hostProgram}x`],
      ['PATH=/tmp', hostProgram, 'list'],
      ['CREDENTIALS_DIRECTORY=/tmp', hostProgram, 'exec'],
      ['-u', 'yard-billing', hostProgram, 'list'],
    ]
    for (const words of others) {
      const {exitCode, said} = await asUser(...words)
      expect({words, exitCode, said}).toMatchObject({words, exitCode: 1})
    }
    expect(await asUser(hostProgram, 'ended', 'billing-r1')).toMatchObject({exitCode: refused})
    const planted = await shell.run({
      file: 'sh',
      args: [
        '-c',
        `SERVICE_RESULT=x IFS=/ PATH=/tmp ENV=/tmp/x exec /usr/bin/sudo -n ${hostProgram} ended billing-r1`,
      ],
      deadlineMillis: 20_000,
    })
    expect(planted.exitCode).toBe(refused)
  })

  test('gets no variable and no program of the deploy user even where sudo passes all of them on', async () => {
    await debian.machine.sh(
      'echo "Defaults !env_reset, !secure_path, setenv" > /etc/sudoers.d/all',
      'mkdir -m 755 /tmp/theirs',
      'for name in id mkdir systemctl cat; do printf "#!/bin/sh\\ntouch /root/pwned\\necho 1000\\n" > /tmp/theirs/$name; done',
      'chmod 755 /tmp/theirs/*',
    )
    try {
      const shell = debian.shell()
      const codes = []
      for (const words of [
        [hostProgram, 'exec'],
        [hostProgram, 'ended', 'billing-r1'],
        ['-E', hostProgram, 'list'],
        ['SERVICE_RESULT=x', hostProgram, 'ended', 'billing-r1'],
      ]) {
        const {exitCode} = await shell.run({
          file: 'env',
          args: ['PATH=/tmp/theirs', 'SERVICE_RESULT=x', '/usr/bin/sudo', '-n', ...words],
          deadlineMillis: 20_000,
        })
        codes.push(exitCode)
      }
      expect(codes).toEqual([refused, refused, 1, 1])
      expect(await debian.machine.sh('ls /root/pwned 2>/dev/null || true')).toBe('')
    } finally {
      await debian.machine.sh('rm -rf /etc/sudoers.d/all /tmp/theirs /root/pwned')
    }
  })

  test('refuses whoever comes with a lower number, after a start as after an upload', async () => {
    const instances = debian.instances()
    const worker = spec('billing-r1.worker@web-1', 'exec sleep 1000')
    await instances.start([worker], fence(20))
    for (const change of [
      () => instances.start([worker], fence(19)),
      () => instances.stop({fence: fence(19), ids: [worker.id], graceMillis: 100}),
      () => instances.runOnce({fence: fence(19), instance: worker, deadlineMillis: 10_000}),
    ]) {
      await expect(change()).rejects.toMatchObject({code: 'E_FENCED', details: {seen: 20}})
    }
    expect((await instances.statuses([worker.id])).get(worker.id)?.running).toBe('running')
    const uploaded = '/var/lib/yard/fences/staging/billing'
    expect(await debian.machine.run('cat', uploaded)).toBe(`${'20'.padStart(20, '0')}\n`)
    await debian.machine.sh(`printf '%020d\\n' 30 > ${uploaded}`)
    await expect(
      instances.stop({fence: fence(29), ids: [worker.id], graceMillis: 100}),
    ).rejects.toMatchObject({
      code: 'E_FENCED',
      details: {seen: 30},
    })
    // Another service, and another environment, are nobody's business.
    await instances.stop({fence: fence(1, 'other'), ids: ['other-r1@web-1'], graceMillis: 100})
    await debian.machine.sh(': > /var/lib/yard-host/fences/staging/billing')
    await instances.stop({fence: fence(31), ids: [worker.id], graceMillis: 100})
  })

  test('leaves nothing of its own open in what it runs as the deploy user: neither stdin, nor its lock', async () => {
    const file = '/var/lib/yard/fences/staging/held'
    const listed = await debian.machine.sh(
      'install -d -o yard -g yard /var/lib/yard/fences /var/lib/yard/fences/staging',
      'echo end > /root/input',
      `setpriv --reuid=yard --regid=yard --clear-groups flock -o ${file} sleep 60 &`,
      'holder=$!',
      `until [ -e ${file} ] && ! flock -n ${file} true; do sleep 0.05; done`,
      `${hostProgram} start staging held 1 web-1 < /root/input > /dev/null 2>&1 &`,
      'program=$!',
      'until waiting=$(pgrep -u yard -f "^flock -w 30 9"); do sleep 0.05; done',
      'ls -l "/proc/$waiting/fd"',
      'kill "$holder"; wait "$program"; rm /root/input',
    )
    expect(listed).toContain(file)
    expect(listed).not.toMatch(/\/root\/input|yard-host/)
  })

  test('follows no link that the deploy user has put in its own directories', async () => {
    const passwd = readFileSync(debian.path('/etc/passwd'), 'utf8')
    await debian.machine.sh(
      'rm -rf /var/lib/yard/fences',
      'mkdir -p /var/lib/yard/fences',
      'ln -s /etc /var/lib/yard/fences/staging',
      'ln -s /etc/passwd /var/lib/yard/fences/passwd',
      'chown -hR yard: /var/lib/yard/fences',
    )
    const instances = debian.instances()
    await instances.stop({fence: fence(40), ids: ['billing-r1@web-1'], graceMillis: 100})
    expect(await debian.machine.sh('ls /etc/billing 2>/dev/null || true')).toBe('')
    await instances.stop({fence: fence(40, 'passwd'), ids: ['passwd-r1@web-1'], graceMillis: 100})
    expect(readFileSync(debian.path('/etc/passwd'), 'utf8')).toBe(passwd)
    mkdirSync(debian.path('/srv/yard/linked/releases'), {recursive: true})
    await debian.machine.sh('ln -s /etc /srv/yard/linked/releases/r1', 'rm -rf /var/lib/yard/fences')
    await expect(instances.start([spec('linked-r1@web-1', 'id')], fence(40, 'linked'))).rejects.toMatchObject(
      {
        why: 'linked-r1 is not there',
      },
    )
  })

  test('makes no directive of a value, whatever is in it', async () => {
    const instances = debian.instances()
    const values = [
      '1\nExecStartPre=/bin/touch /tmp/yard-pwned',
      '50%',
      '%h',
      '$HOME',
      'a=b&c\'"',
      'yes',
      '~',
      '{{x}}',
      ' x ',
    ]
    const variables = Object.fromEntries(values.map((value, index) => [`V${index}`, value]))
    const id = 'billing-r1.worker@web-1'
    await instances.start([spec(id, 'exec sleep 1000\n', {variables})], fence(50))
    const pid = (await instances.statuses([id])).get(id)!.pid!
    const environment = await debian.machine.run('cat', `/proc/${pid}/environ`)
    for (const [name, value] of Object.entries(variables))
      expect(environment.split('\0')).toContain(`${name}=${value}`)
    expect(await debian.unit(id, 'ExecStartPre', 'Environment')).toMatchObject({Environment: ''})
    expect(await debian.machine.run('sh', '-c', 'ls /tmp/yard-pwned 2>&1 || true')).toContain('No such file')
    await instances.stop({fence: fence(50), ids: [id], graceMillis: 100})
  })

  test('makes one user for each service, whatever its name, and takes nobody else for it', async () => {
    const instances = debian.instances()
    const long = 'a23456789-123456789-123456789-123456789'
    debian.release(long, 1)
    debian.release('taken', 1)
    await debian.machine.run('useradd', '--create-home', 'yard-taken')
    const result = await instances.runOnce({
      instance: spec(`${long}-r1@web-1`, 'id -un'),
      deadlineMillis: 20_000,
    })
    expect(result.lastLines).toEqual([expect.stringMatching(/^yard-a23456789-12345678-[0-9a-f]{8}$/)])
    expect(result.lastLines[0]!.length).toBeLessThanOrEqual(32)
    await expect(
      instances.runOnce({instance: spec('taken-r1@web-1', 'id'), deadlineMillis: 20_000}),
    ).rejects.toThrow("the user yard-taken is somebody else's")
  })
})
