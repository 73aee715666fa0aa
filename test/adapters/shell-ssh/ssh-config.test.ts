import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {askOpenssh, askSshConfig} from '../../../src/adapters/shell-ssh/ssh-config.js'
import {sshdMissing} from '../../support/ssh/missing.js'

const missing = sshdMissing()

if (missing !== undefined) test.skip(`settings of ssh (skipped: ${missing})`, () => undefined)
else describe('settings of ssh', settings)

function settings(): void {
  let directory: string
  let config: string
  let calls: number

  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'yard-ssh-config-'))
    config = path.join(directory, 'config')
    calls = 0
  })
  afterEach(() => {
    rmSync(directory, {recursive: true, force: true})
  })

  function ask(address: string, text?: string, more: {port?: number; user?: string} = {}) {
    if (text !== undefined) writeFileSync(config, text)
    const configFile = text === undefined ? 'none' : config
    return askSshConfig({address, configFile, homeDirectory: directory, host: 'web-1', ...more}, (asked) => {
      calls += 1
      return askOpenssh(asked)
    })
  }

  test.each([
    ['# Host a\nHost *\n  User ada\n  Port 2222\n'],
    ['User ada\nPort=2222\n\thost "*"\n'],
    ['User ada\nPort 2222\nInclude /etc/ssh/ssh_config.d/*.conf\nProxyCommand nc %h %p\n'],
  ])('that tell no machines apart are asked for once: %j', async (text) => {
    const unique = `${text}# ${directory}\n`
    const all = await Promise.all(
      ['10.0.0.1', '10.0.0.2', 'web.example.org'].map((each) => ask(each, unique)),
    )

    expect(all.map((each) => each.get('hostname'))).toEqual([['10.0.0.1'], ['10.0.0.2'], ['web.example.org']])
    expect(all.map((each) => [each.get('user'), each.get('port')])).toEqual(
      Array(3).fill([['ada'], ['2222']]),
    )
    expect(calls).toBe(1)
  })

  test.each([
    ['Host 10.0.0.1\n  User ada\n', 'user'],
    ['Host 10.0.0.? !10.0.0.2\n  User ada\n', 'user'],
    ['Match host 10.0.0.1\n  User ada\n', 'user'],
    ['Match exec "test %h = 10.0.0.1"\n  User ada\n', 'user'],
    ['MATCH="host" 10.0.0.1\n  User ada\n', 'user'],
    ['Host "10.0.0.1"\nUser ada\n', 'user'],
  ])('that tell machines apart are asked for each time: %j', async (text, key) => {
    const [one, other] = [await ask('10.0.0.1', text), await ask('10.0.0.2', text)]

    expect(one.get(key)).toEqual(['ada'])
    expect(other.get(key)).not.toEqual(['ada'])
    expect(calls).toBe(2)
  })

  test('of another file that is read in are asked for each time', async () => {
    writeFileSync(path.join(directory, 'more'), 'Host 10.0.0.1\nUser ada\n')
    const text = `Include ${directory}/more\n`

    expect((await ask('10.0.0.1', text)).get('user')).toEqual(['ada'])
    expect((await ask('10.0.0.2', text)).get('user')).not.toEqual(['ada'])
  })

  test('that make something of the address are asked for each time', async () => {
    const text = 'Host *\n  HostName %h.example.org\n'

    expect((await ask('a', text)).get('hostname')).toEqual(['a.example.org'])
    expect((await ask('b', text)).get('hostname')).toEqual(['b.example.org'])
  })

  test('that were changed are asked for again, and those that are not understood are told', async () => {
    const unique = `# ${directory}\n`
    expect((await ask('a', `User ada\n${unique}`)).get('user')).toEqual(['ada'])
    expect((await ask('a', `User bob\n${unique}`)).get('user')).toEqual(['bob'])
    for (let times = 0; times < 2; times += 1) {
      await expect(ask('a', `Nonsense yes\n${unique}`)).rejects.toMatchObject({code: 'E_HOST_UNREACHABLE'})
    }
  })

  test('are asked for once for all ports and users, unless they speak of them', async () => {
    const ports = (text: string) =>
      Promise.all(
        [2222, 2223].map(async (port) =>
          (await ask('10.0.0.1', text, {port, user: 'ada'})).get('identityfile'),
        ),
      )
    const unique = `# %p of ${directory}\nIdentityFile ~/.ssh/deploy\n`

    expect(await ports(unique)).toEqual([['~/.ssh/deploy'], ['~/.ssh/deploy']])
    expect(calls).toBe(1)
    await ports(`${unique}ProxyCommand nc %h %p\n`)
    expect(calls).toBe(3)
  })

  test('of no file are not asked for', async () => {
    expect((await ask('a')).size).toBe(0)
    expect(calls).toBe(0)
  })
}
