import {type ChildProcess, spawn, spawnSync} from 'node:child_process'
import {existsSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {createServer, type Server} from 'node:net'
import {userInfo} from 'node:os'
import path from 'node:path'

import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {type RemoteShellSettings, type SshRemoteShell} from '../../../src/adapters/shell-ssh/index.js'
import {sshdMissing} from '../../support/ssh/missing.js'
import {shellsOf} from '../../support/ssh/shells.js'
import {makeKey, type Sshd, startSshd} from '../../support/ssh/sshd.js'

const missing = sshdMissing()

if (missing !== undefined) test.skip(`access over SSH (skipped: ${missing})`, () => undefined)
else describe('access over SSH', access)

function access(): void {
  let sshd: Sshd

  beforeAll(async () => {
    sshd = await startSshd()
  })
  afterAll(() => sshd.remove())

  const open = shellsOf(() => sshd)

  function use(shell: SshRemoteShell): Promise<{outcome: string; stdout: string}> {
    return shell.run({file: 'echo', args: ['here'], deadlineMillis: 10_000})
  }

  test('another key or another user is not let in, and what was shown is told', async () => {
    const other = path.join(sshd.directory, 'other')
    makeKey('ed25519', other)

    await expect(use(open({identityFile: other}))).rejects.toMatchObject({
      code: 'E_HOST_AUTH',
      details: {offered: [other], user: userInfo().username},
    })
    await expect(use(open({user: 'nobody-of-that-name'}))).rejects.toMatchObject({code: 'E_HOST_AUTH'})
  })

  test('a key with a passphrase is not shown, and what to do is told', async () => {
    const locked = path.join(sshd.directory, 'locked')
    makeKey('ed25519', locked, 'secret words')

    await expect(use(open({identityFile: locked}))).rejects.toMatchObject({
      code: 'E_HOST_AUTH',
      why: expect.stringContaining('is encrypted: load it into the agent with ssh-add'),
    })
    await expect(use(open({identityFile: `${locked}-none`}))).rejects.toMatchObject({
      why: expect.stringContaining("can't be read (ENOENT)"),
    })
  })

  test('an agent shows its keys', async () => {
    const agent = await startAgent(path.join(sshd.directory, 'agent'), sshd.identityFile)
    try {
      const changes = {identityFile: undefined, agentSocket: agent.socket, homeDirectory: '/nonexistent'}
      expect((await use(open(changes))).stdout).toBe('here\n')
    } finally {
      agent.end()
    }
  })

  test('ssh_config says user, port, key and the way there, unless something else is given', async () => {
    const file = path.join(sshd.directory, 'ssh_config')
    const {port, user} = sshd.settings()
    const lines = [
      'Host 192.0.2.1',
      `HostName ${sshd.address}`,
      `Port ${port}`,
      `User ${user}`,
      `IdentityFile ${sshd.identityFile}`,
      'Host 192.0.2.2',
      `ProxyCommand ${process.execPath} -e "const s=require('net').connect(%p,'${sshd.address}');process.stdin.pipe(s).pipe(process.stdout)"`,
      'Host 192.0.2.3',
      'ProxyCommand sh -c "echo no way there >&2; exit 1"',
    ]
    writeFileSync(file, `${lines.join('\n')}\n`)
    const plain = {configFile: file, port: undefined, user: undefined, identityFile: undefined}

    expect((await use(open({...plain, address: '192.0.2.1'}))).stdout).toBe('here\n')
    await expect(use(open({...plain, address: '192.0.2.1', port: 1}))).rejects.toMatchObject({
      code: 'E_HOST_UNREACHABLE',
    })
    expect((await use(open({configFile: file, address: '192.0.2.2'}))).stdout).toBe('here\n')
    await expect(use(open({configFile: file, address: '192.0.2.3'}))).rejects.toMatchObject({
      code: 'E_HOST_UNREACHABLE',
      why: 'the way there is closed: no way there',
    })
  })

  test('a jump leads through another machine', async () => {
    const bastion = await startSshd()
    const file = path.join(sshd.directory, 'jump_config')
    const known = path.join(sshd.directory, 'jump_known_hosts')
    writeFileSync(known, `[${bastion.address}]:${bastion.port} ${bastion.hostKeys[0]!}\n`)
    const lines = ['Host *', `IdentityFile ${bastion.identityFile}`, `UserKnownHostsFile ${known}`]
    writeFileSync(file, `${lines.join('\n')}\n`)
    const jump = `${userInfo().username}@${bastion.address}:${bastion.port}`
    const shell = open({configFile: file, proxyJump: jump})
    try {
      expect((await use(shell)).stdout).toBe('here\n')
      expect(bastion.connections().length).toBeGreaterThan(0)
      await shell.close()
    } finally {
      await bastion.remove()
    }
  })

  test('a machine that accepts and says nothing is given up in time', async () => {
    const mute = createServer(() => undefined)
    await listening(mute)
    const {port} = mute.address() as {port: number}
    try {
      await expect(use(open({port, connectMillis: 300}))).rejects.toMatchObject({
        code: 'E_HOST_UNREACHABLE',
        why: "it doesn't answer in time",
      })
    } finally {
      mute.close()
    }
  })

  const scratch = 'r5-scratch'
  test.each<Partial<RemoteShellSettings>>([
    {address: `-oProxyCommand=touch\${IFS}${scratch}`},
    {address: `-F${scratch}`},
    {address: 'x -oA=b'},
    {address: `$(touch ${scratch})`},
    {address: '`id`'},
    {address: 'a;id'},
    {address: 'user@-oX'},
    {address: 'root@h@h2'},
    {address: ''},
    {user: '-lroot'},
    {user: 'root -v'},
    {port: 0},
    {port: 70_000},
    {port: Number.NaN},
    {port: '22 -v' as unknown as number},
    {proxyJump: `-oProxyCommand=touch ${scratch}`},
    {proxyJump: `a,$(touch ${scratch})`},
  ])('R5 no word is taken for an option of ssh: %j', async (changes) => {
    await expect(use(open(changes))).rejects.toMatchObject({code: 'E_USAGE'})
    expect([existsSync(scratch), readdirSync('.').includes(scratch)]).toEqual([false, false])
  })

  test.each([`HostName -oProxyCommand=touch\${IFS}${scratch}`, `User -l$(touch ${scratch})`])(
    'R5 nor what ssh_config says: %s',
    async (line) => {
      const file = path.join(sshd.directory, 'hostile_config')
      writeFileSync(file, `Host 192.0.2.9\n${line}\n`)

      const shell = open({configFile: file, address: '192.0.2.9', user: undefined, port: undefined})
      await expect(use(shell)).rejects.toMatchObject({
        code: expect.stringMatching(/^E_(USAGE|HOST_UNREACHABLE)$/),
      })
      expect([existsSync(scratch), readdirSync('.').includes(scratch)]).toEqual([false, false])
    },
  )

  test('R5 a key file that looks like an option is a file that is not there', async () => {
    await expect(use(open({identityFile: '-i/etc/shadow'}))).rejects.toMatchObject({code: 'E_HOST_AUTH'})
  })
}

async function startAgent(socket: string, key: string): Promise<{socket: string; end: () => void}> {
  const agent: ChildProcess = spawn('ssh-agent', ['-D', '-a', socket], {stdio: 'ignore'})
  const deadline = Date.now() + 10_000
  while (!existsSync(socket)) {
    if (Date.now() > deadline) throw new Error('the agent does not start')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const {status} = spawnSync('ssh-add', ['-q', key], {env: {...process.env, SSH_AUTH_SOCK: socket}})
  expect(status).toBe(0)
  return {
    socket,
    end: () => {
      agent.kill()
      rmSync(socket, {force: true})
    },
  }
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
}
