import {readFileSync, writeFileSync} from 'node:fs'
import path from 'node:path'

import {expect, test} from '@jest/globals'

import {keys} from '../../src/catalog/keys.js'
import HostSetup from '../../src/commands/host/setup.js'
import HostsShow from '../../src/commands/hosts/show.js'
import {plantRecords, runCommand} from '../fakes/run-command.js'
import {makeKey} from '../support/ssh/sshd.js'
import {
  addUser,
  describeOnBareDebian,
  listing,
  onFleet,
  recordOf,
  setupEnvironment,
} from './support/host-setup.js'

describeOnBareDebian('making a bare Debian ready', ({fleet, here, refusal, setup, web}) => {
  test('D15 a bare Debian becomes ready, and the second time nothing changes', async () => {
    expect(await setup()).toMatchObject({code: 0, host: {outcome: 'ready', login: 'root'}})
    const before = await listing(web())
    expect(before.length).toBeGreaterThan(300)

    expect(await setup()).toMatchObject({code: 0, host: {outcome: 'unchanged', changes: []}})
    expect(await setup('--check')).toMatchObject({code: 0, host: {outcome: 'unchanged', changes: []}})
    expect(await listing(web())).toEqual(before)
    const shown = await runCommand(HostsShow, [web().name, '--env', setupEnvironment], here.state)
    expect(shown.stdout).toMatch(/^set up +yard logs in as yard$/m)
  })

  test('a host of the practice fleet is logged in to by itself, whatever yard.yaml says of other machines', async () => {
    await plantRecords(here.state, fleet().records())
    fleet().lendTo(here.state)
    writeFileSync(path.join(here.state, 'yard.yaml'), 'ssh: {user: nobody, port: 1}\n')

    const made = await onFleet(HostSetup, here.state, [web().name], 'practice')

    expect(JSON.parse(made.stdout)).toMatchObject({
      environment: 'practice',
      hosts: [{login: 'root', outcome: 'ready'}],
    })
    await onFleet(HostSetup, here.state, ['--all', '--check'], 'practice')
    expect(process.exitCode).toBe(0)
  })

  test('D15 --check and --dry-run change nothing; --check ends with 1 and names what somebody changed', async () => {
    const bare = await listing(web())
    const planned = await setup('--dry-run')
    expect(planned).toMatchObject({code: 0, host: {outcome: 'differs'}})
    expect(planned.host?.changes.map(({command}) => command)).toContain(
      'install -d -o yard -g yard -m 0755 /srv/yard',
    )
    expect(await setup('--check')).toMatchObject({code: 1, report: {code: 'E_HOST_SETUP'}})
    expect(await listing(web())).toEqual(bare)

    await setup()
    await web().sh(
      'chmod 777 /srv/yard',
      'echo "# mine" >> /etc/sudoers.d/yard',
      'rm -r /usr/lib/yard',
      'systemctl disable --now yard-haproxy.path',
      'usermod --lock yard',
      'echo > /var/lib/yard-deploy/.ssh/authorized_keys',
    )
    const found = await setup('--check')
    expect(found.code).toBe(1)
    expect(found.host?.changes.map((change) => `${change.subject} ${change.found}`)).toEqual([
      'user yard is locked',
      "/usr/lib/yard isn't there",
      '/srv/yard has the mode 0777, not 0755',
      "/usr/lib/yard/yard-host isn't there",
      '/etc/sudoers.d/yard has another content',
      '/var/lib/yard-deploy/.ssh/authorized_keys lacks a key',
      "yard-haproxy.path isn't on",
    ])
    expect(await setup()).toMatchObject({code: 0, host: {outcome: 'ready'}})
    expect(await setup('--check')).toMatchObject({code: 0, host: {outcome: 'unchanged'}})
  })

  test('D15 killed in the middle on the host, the next run does the rest and leaves nothing behind', async () => {
    // Between a file that is written and its place there is time to be killed.
    await web().sh(
      'printf \'#!/bin/sh\\nsleep 0.6\\nexec /bin/mv "$@"\\n\' > /usr/local/sbin/mv',
      'chmod 755 /usr/local/sbin/mv',
    )
    const moments = [
      ['/srv/yard', '/srv/yard'],
      ['/usr/lib/yard/.yard-????????', '/usr/lib/yard/yard-host'],
      ['/etc/sudoers.d/.yard-????????', '/etc/sudoers.d/yard'],
      ['/etc/tmpfiles.d/.yard-????????', '/etc/tmpfiles.d/yard.conf'],
    ]
    for (const [moment, made] of moments) {
      // The run before may have come further than to its moment.
      await web().sh("pkill -KILL -f 'sbin/m[v]' || :", `rm -rf ${made}`)
      const killer = web().sh(
        `before=$(ls -d ${moment} 2> /dev/null) || :`,
        `until now=$(ls -d ${moment} 2> /dev/null) && [ "$now" != "$before" ]; do :; done`,
        "pkill -KILL -f 'yard-host-setu[p] root'",
      )
      const [ended] = await Promise.all([refusal(), killer])
      expect([ended.code, ended.next[0]]).toEqual([
        expect.stringMatching(/^E_HOST_(?:SETUP|UNREACHABLE)$/),
        'run the command again: it does what is left',
      ])
    }

    expect(await setup()).toMatchObject({code: 0, host: {outcome: 'ready'}})
    expect(await setup('--check')).toMatchObject({code: 0, host: {outcome: 'unchanged'}})
    const left = await web().sh(
      "find / -xdev -name '.yard-*'; find /run -maxdepth 1 -name 'yard-host-setup.*'",
    )
    expect(left.trim()).toBe('/run/yard-host-setup.lock')
  })

  test('as a user with sudo it becomes as ready as by root', async () => {
    await addUser(web(), 'ada', 'ada ALL=(ALL) NOPASSWD: ALL')
    makeKey('ed25519', path.join(here.state, 'restricted'))
    const restricted = readFileSync(path.join(here.state, 'restricted.pub'), 'utf8')
    await web().sh(`printf '%s' 'command="true" ${restricted}' >> /home/ada/.ssh/authorized_keys`)

    const made = await setup('--login', 'ada')

    expect(made).toMatchObject({code: 0, host: {outcome: 'ready', login: 'ada'}})
    expect(made.host?.remarks.join()).toContain('1 key of ada has options')
    expect(await web().run('cat', '/var/lib/yard-deploy/.ssh/authorized_keys')).not.toContain('command=')
    expect(await setup()).toMatchObject({code: 0, host: {outcome: 'unchanged', login: 'root'}})
  })

  test('who brings releases may run one program as root, and can change nothing that decides about that', async () => {
    await setup()
    const asYard = (...lines: string[]) =>
      web()
        .run('su', 'yard', '-s', '/bin/sh', '-c', lines.join('\n'))
        .then(
          () => 'done',
          () => 'refused',
        )

    expect(await asYard('sudo -n -l /usr/lib/yard/yard-host')).toBe('done')
    const refused = [
      'sudo -n id',
      'sudo -n sh -c /usr/lib/yard/yard-host',
      'sudo -n /usr/lib/yard/../yard/yard-host-2',
      'sudo -n -u ada /usr/lib/yard/yard-host',
      'echo >> /usr/lib/yard/yard-host',
      'mv /usr/lib/yard /usr/lib/yard-2',
      'echo >> ~/.ssh/authorized_keys',
      'mv ~/.ssh ~/.ssh-2',
      'mv ~/.ssh/authorized_keys ~/.ssh/other',
      'touch ~/.ssh/rc',
      'touch ~/.profile',
      'cat /etc/sudoers.d/yard',
      'mv /srv/yard /srv/yard-2',
    ]
    for (const line of refused) expect([line, await asYard(line)]).toEqual([line, 'refused'])
    expect(await asYard('touch /srv/yard/here /var/lib/yard/here /run/yard/here')).toBe('done')
    await web().reboot()
    expect((await web().run('stat', '-c', '%U %a', '/run/yard')).trim()).toBe('yard 700')
  })

  test('a host that nobody knows is pinned with all its keys, and one without our key says what to do', async () => {
    const unknown = await recordOf(here.state, web())
    delete unknown.sshKeys
    await plantRecords(here.state, {[keys.host(setupEnvironment, web().name)]: unknown})
    expect(await refusal()).toMatchObject({code: 'E_HOST_KEY'})

    // Root logs in by a certificate or another file, so there is no key to take over.
    await web().sh(
      'ssh-keygen -A',
      'mkdir /etc/ssh/keys; mv /root/.ssh/authorized_keys /etc/ssh/keys/root',
      'echo "AuthorizedKeysFile /etc/ssh/keys/%u .ssh/authorized_keys" > /etc/ssh/sshd_config.d/10-keys.conf',
      'systemctl restart ssh',
    )
    expect(await refusal('--accept-new-host-key')).toMatchObject({
      code: 'E_HOST_AUTH',
      next: [expect.stringContaining('--authorized-key'), expect.any(String)],
    })
    makeKey('ed25519', path.join(here.state, 'other'))
    expect(
      await refusal('--accept-new-host-key', '--authorized-key', path.join(here.state, 'other')),
    ).toMatchObject({
      code: 'E_USAGE',
      why: 'it is a private key, which never leaves its machine',
    })
    const publicKey = path.join(here.state, 'public')
    writeFileSync(publicKey, readFileSync(web().path('/etc/ssh/keys/root')))
    const made = await setup('--accept-new-host-key', '--authorized-key', publicKey)
    expect(made).toMatchObject({code: 0, host: {outcome: 'ready'}})
    expect(made.host?.pinnedKeys?.map((key) => key.split(' ')[0]).sort()).toEqual([
      'ecdsa-sha2-nistp256',
      'ssh-ed25519',
      'ssh-rsa',
    ])
    expect(await setup()).toMatchObject({code: 0, host: {outcome: 'unchanged'}})
  })
})
