import {execFile, spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, writeFileSync} from 'node:fs'
import {connect} from 'node:net'

import {expect, test} from '@jest/globals'

import {describeOnPracticeFleet, type PracticeHost} from '../../support/practice-fleet/index.js'

describeOnPracticeFleet('hosts of a practice fleet', {hosts: 2}, (fleet) => {
  const hosts = () => fleet().hosts as [PracticeHost, PracticeHost]

  test('they are whole machines that know each other', async () => {
    const [one, two] = hosts()
    expect(await ssh(one, 'hostname; systemctl is-system-running; node --version')).toEqual([
      'fleet-1',
      'running',
      process.version,
    ])
    expect(await one.run('systemctl', '--failed', '--no-legend')).toBe('')
    expect(one.sshKey).not.toBe(two.sshKey)
    expect(await two.run('cat', '/etc/machine-id')).not.toBe(await one.run('cat', '/etc/machine-id'))
    const reach = `exec 3<>/dev/tcp/${two.address}/22; head -c 4 <&3; exec 4<>/dev/tcp/${fleet().gateway}/1 || echo no`
    expect(await ssh(one, `bash -c '${reach}' 2>/dev/null`)).toEqual(['SSH-no'])
  })

  test('what is written there is gone once it is bare again, and its SSH key stays', async () => {
    const [one, two] = hosts()
    writeFileSync(one.path('/etc/left'), 'here')
    await two.run('touch', '/etc/left')
    await fleet().reset(one)
    expect(existsSync(one.path('/etc/left'))).toBe(false)
    expect(existsSync(two.path('/etc/left'))).toBe(true)
    expect(await ssh(one, 'hostname')).toEqual(['fleet-1'])
  })

  test('its SSH server tells how often it was asked', async () => {
    const [one] = hosts()
    const mark = await one.sshMark()
    await ssh(one, 'true')
    await ssh(one, 'hostname')
    const {commands, connections} = await one.sshSince(mark)
    expect([connections, commands.length]).toEqual([2, 2])
  })

  test('it keeps its disk when it reboots and when its plug is pulled', async () => {
    const [one] = hosts()
    await one.run('sh', '-c', 'echo kept > /etc/kept')
    await one.reboot()
    expect(await ssh(one, 'cat /etc/kept')).toEqual(['kept'])
    await one.powerOff()
    await expect(ssh(one, 'true')).rejects.toThrow()
    await expect(one.run('true')).rejects.toMatchObject({code: 'E_FLEET'})
    await one.powerOn()
    expect(await ssh(one, 'cat /etc/kept')).toEqual(['kept'])
  })

  test('a host that was switched off is on again after the test', async () => {
    await hosts()[0].powerOff()
    await fleet().recover()
    expect(await ssh(hosts()[0], 'hostname')).toEqual(['fleet-1'])
  })

  test.each<[string, (host: PracticeHost) => Promise<void>]>([
    ['drops everything silently', (host) => host.blackhole()],
    ['is unplugged', (host) => host.unplug()],
    ['has an SSH server that hangs', (host) => host.freezeSsh()],
    ['has no SSH server', (host) => host.stopSsh()],
  ])('no login while it %s, and again afterwards', async (_, fault) => {
    const [one, two] = hosts()
    await fault(one)
    expect(await saysWho(one)).toBe(false)
    expect(await saysWho(two)).toBe(true)
    await fleet().recover()
    expect(await ssh(one, 'hostname')).toEqual(['fleet-1'])
  })

  test('an SSH server that was killed is started again', async () => {
    const [one] = hosts()
    const session = spawn('ssh', [...sshWords(one), 'echo in; sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const closed = once(session, 'close')
    await once(session.stdout, 'data')
    await one.killSsh()
    expect((await closed)[0]).toBe(255)
    while (!(await saysWho(one))) await new Promise((resolve) => setTimeout(resolve, 50))
  })

  test('a slow link is slow in both directions', async () => {
    const [one] = hosts()
    await one.slowDown(1_024)
    const startedAt = performance.now()
    await ssh(one, 'head -c 131072 /dev/zero')
    expect(performance.now() - startedAt).toBeGreaterThan(700)
  })

  test('a disk or its inodes are full, with what was there still there', async () => {
    const [one] = hosts()
    await one.sh('mkdir -p /srv/data', 'echo before > /srv/data/before')
    await one.smallDisk('/srv/data', {kilobytes: 100})
    expect(
      await ssh(one, 'cat /srv/data/before; head -c 200000 /dev/zero > /srv/data/big || echo full'),
    ).toEqual(['before', 'full'])
    await fleet().recover()
    await one.smallDisk('/srv/data', {files: 3})
    const files = 'for n in 1 2 3 4 5; do touch /srv/data/$n 2>/dev/null || echo $n; done'
    expect(await ssh(one, files)).toEqual(['4', '5'])
    await fleet().recover()
    expect(await ssh(one, 'ls /srv/data')).toEqual(['before'])
  })

  test('a directory is read-only until it is not', async () => {
    const [one] = hosts()
    await one.sh('mkdir -p /srv/fixed')
    await one.readOnly('/srv/fixed')
    expect(await ssh(one, 'touch /srv/fixed/a 2>/dev/null || echo no')).toEqual(['no'])
    await fleet().recover()
    expect(await ssh(one, 'touch /srv/fixed/a && echo yes')).toEqual(['yes'])
  })

  test('its clock is ahead for logins and units', async () => {
    const [one] = hosts()
    await one.clockAhead(600)
    const aheadSeconds = async () => Number((await ssh(one, 'date +%s'))[0]) - Date.now() / 1_000
    expect(await aheadSeconds()).toBeGreaterThan(590)
    const unit = 'env -u LD_PRELOAD systemd-run --quiet --wait --pipe date +%s'
    expect(Number((await ssh(one, unit))[0]) - Date.now() / 1_000).toBeGreaterThan(590)
    await fleet().recover()
    expect(Math.abs(await aheadSeconds())).toBeLessThan(5)
  })

  function sshWords({address}: PracticeHost): string[] {
    const options = [
      'StrictHostKeyChecking=no',
      'UserKnownHostsFile=/dev/null',
      'LogLevel=ERROR',
      'BatchMode=yes',
    ]
    const usual = options.flatMap((option) => ['-o', option])
    return ['-F', 'none', '-i', fleet().identityFile, ...usual, '-o', 'ConnectTimeout=5', `root@${address}`]
  }

  async function ssh(host: PracticeHost, line: string): Promise<string[]> {
    return new Promise((resolve, reject) => {
      execFile('ssh', [...sshWords(host), line], {timeout: 20_000}, (error, stdout) => {
        if (error === null) resolve(stdout.trim().split('\n'))
        else reject(new Error(error.message))
      })
    })
  }
})

/** Whether an SSH server says there who it is. */
function saysWho({address}: PracticeHost): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({host: address, port: 22, timeout: 1_000})
    const end = (isSo: boolean) => {
      socket.destroy()
      resolve(isSo)
    }
    socket.once('data', () => end(true))
    socket.once('timeout', () => end(false))
    socket.once('error', () => end(false))
  })
}
