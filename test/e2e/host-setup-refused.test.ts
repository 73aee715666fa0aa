import {writeFileSync} from 'node:fs'

import {expect, test} from '@jest/globals'

import {addUser, describeOnBareDebian, listing} from './support/host-setup.js'

describeOnBareDebian('a Debian that can not be made ready', ({refusal, setup, web}) => {
  test('D15 a host with 50 MB free is refused before anything is touched', async () => {
    await web().smallDisk('/srv', {kilobytes: 50_000})
    const before = await listing(web())

    expect(await refusal()).toMatchObject({
      code: 'E_DISK_FULL',
      why: expect.stringMatching(/^it has \d+ MB free for \/srv, and at least 200 MB are needed$/) as unknown,
    })
    expect(await listing(web())).toEqual(before)
  })

  test('a user who can not become root is told why, and nothing is touched', async () => {
    await addUser(web(), 'ada', 'ada ALL=(ALL) ALL')
    const before = await listing(web())
    expect(await refusal('--login', 'ada')).toMatchObject({
      code: 'E_PERMISSION',
      why: 'sudo wants a password there, and yard types none',
    })
    await web().run('rm', '/etc/sudoers.d/ada')
    expect(await refusal('--login', 'ada')).toMatchObject({
      code: 'E_PERMISSION',
      why: expect.stringContaining('sudo') as unknown,
    })
    await web().run('chmod', '000', '/usr/bin/sudo')
    expect(await refusal('--login', 'ada')).toMatchObject({
      why: 'sudo is not installed there, and another user than root logs in',
    })
    await web().run('chmod', '4755', '/usr/bin/sudo')
    const {code, next} = await refusal('--login', 'grace')
    expect([code, next[0]]).toEqual(['E_HOST_AUTH', expect.stringContaining('--login NAME')])
    expect((await listing(web())).filter((line) => !line.includes('sudoers.d'))).toEqual(
      before.filter((line) => !line.includes('sudoers.d')),
    )
  })

  test.each<[string, string[], string]>([
    ['a user yard of somebody else', ['useradd --create-home yard'], 'has its home in /home/yard'],
    [
      'a user yard with a password',
      ["useradd --system --home-dir /var/lib/yard --password '$6$x$y' yard"],
      'has a password',
    ],
    ['a link where a directory belongs', ['ln -s /tmp /srv/yard'], '/srv/yard is a link there'],
    [
      'a directory that everybody may write into',
      ['chmod 777 /srv'],
      'others than root may write into /srv there',
    ],
    [
      "one of another owner above root's program",
      ['chown daemon /usr/lib'],
      'others than root may write into /usr/lib there',
    ],
  ])('%s is refused before anything is touched', async (_, lines, why) => {
    await web().sh(...lines)
    const before = await listing(web())

    expect(await refusal()).toMatchObject({
      code: 'E_HOST_SETUP',
      why: expect.stringContaining(why) as unknown,
    })
    expect(await listing(web())).toEqual(before)
  })

  test('what is missing is installed, unless that is not wanted; a failed installation is told', async () => {
    await web().sh('systemctl stop haproxy', 'mv /usr/sbin/haproxy /usr/sbin/haproxy.away')
    expect(await refusal('--no-install')).toMatchObject({
      code: 'E_HOST_SETUP',
      why: 'this is missing there and --no-install was given: haproxy',
    })
    const apt = (...lines: string[]) =>
      writeFileSync(web().path('/usr/local/sbin/apt-get'), ['#!/bin/sh', ...lines, ''].join('\n'), {
        mode: 0o755,
      })
    apt('echo "E: Unable to locate package haproxy"; exit 100')
    expect(await refusal()).toMatchObject({
      code: 'E_HOST_SETUP',
      why: expect.stringContaining('E: Unable to locate package haproxy') as unknown,
    })
    apt('echo "$@" >> /root/apt', 'mv /usr/sbin/haproxy.away /usr/sbin/haproxy')
    expect(await setup()).toMatchObject({code: 0, host: {outcome: 'ready'}})
    expect(await web().run('cat', '/root/apt')).toMatch(
      /^install --yes .*--no-install-recommends .* haproxy\n$/,
    )
  })
})
