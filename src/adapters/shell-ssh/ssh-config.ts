import {execFile} from 'node:child_process'
import {readdir, readFile} from 'node:fs/promises'
import path from 'node:path'

import {YardError} from '../../errors.js'
import {type RemoteShellSettings} from './settings.js'

/** Settings of ssh for one machine, by key in lower case; as often as they are given. */
export type SshConfig = ReadonlyMap<string, readonly string[]>

type Asked = Pick<RemoteShellSettings, 'address' | 'configFile' | 'homeDirectory' | 'host' | 'port' | 'user'>

const askDeadlineMillis = 5_000
const systemDirectory = '/etc/ssh/ssh_config.d'
/** What has been asked, by all that the answer depends on. */
const answers = new Map<string, Promise<{address: string; config: SshConfig}>>()

/**
 * What OpenSSH itself would do; empty where it isn't installed, or has no settings to read. A program is run for each
 * machine only if the user's settings tell machines apart. Of port and user it says what the settings say, whoever was
 * told of others. @throws YardError E_HOST_UNREACHABLE when they are not understood
 */
export async function askSshConfig(asked: Asked, ask = askOpenssh): Promise<SshConfig> {
  if (asked.configFile === 'none') return new Map()
  const texts = await configTexts(asked)
  if (texts === undefined || !texts.every(isSameForAll)) return ask(asked)
  const {address, configFile, homeDirectory, host, port, user} = asked
  const own = texts.some(usesTokens) ? {port, user} : {}
  const name = JSON.stringify([configFile, own, texts])
  const known =
    answers.get(name) ??
    ask({address, configFile, homeDirectory, host, ...own}).then((config) => ({address, config}))
  answers.set(name, known)
  known.catch(() => answers.delete(name))
  const {address: first, config} = await known
  return sameFor(address, first, config) ?? ask(asked)
}

/** The answer for one machine as that for another; undefined when it speaks of the machine. */
function sameFor(address: string, first: string, config: SshConfig): SshConfig | undefined {
  if (config.size === 0) return config
  const own = new Set(['host', 'hostname'])
  const names = [...own].flatMap((key) => config.get(key) ?? [])
  const speaks = [...config].some(
    ([key, values]) => !own.has(key) && values.some((value) => value.includes(first)),
  )
  if (speaks || names.some((name) => name !== first)) return undefined
  return new Map([...config, ['hostname', [address]]])
}

/** Undefined when there are more than can be looked through. */
async function configTexts({configFile, homeDirectory}: Asked): Promise<string[] | undefined> {
  const files =
    configFile === undefined
      ? [path.join(homeDirectory, '.ssh/config'), '/etc/ssh/ssh_config', ...(await systemFiles())]
      : [configFile]
  try {
    return await Promise.all(files.map(textOf))
  } catch {
    return undefined
  }
}

async function systemFiles(): Promise<string[]> {
  const names = await readdir(systemDirectory).catch(() => [])
  return names.map((name) => path.join(systemDirectory, name))
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  })
}

function isSameForAll(text: string): boolean {
  return text.split('\n').every((line) => {
    const [, key = '', value = ''] = /^\s*([A-Za-z]+)[\s="]+(.*?)["\s]*$/.exec(line) ?? []
    switch (key.toLowerCase()) {
      case 'host':
        return value === '*'
      case 'include':
        return value === `${systemDirectory}/*` || value === `${systemDirectory}/*.conf`
      default:
        return !/^(?:match$|canonical)/i.test(key)
    }
  })
}

/** Where the port and the user may stand in other values: `%p`, `%r`. */
function usesTokens(text: string): boolean {
  return text.split('\n').some((line) => line.includes('%') && !/^\s*#/.test(line))
}

export function askOpenssh({address, configFile, host, port, user}: Asked): Promise<SshConfig> {
  const args = [
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(user === undefined ? [] : ['-l', user]),
    '-G',
    '--',
    address,
  ]
  return new Promise((resolve, reject) => {
    execFile('ssh', args, {timeout: askDeadlineMillis, maxBuffer: 1_048_576}, (error, stdout, stderr) => {
      if (error === null) resolve(parseConfig(stdout))
      else if (error.code === 'ENOENT') resolve(new Map())
      else reject(unreadableConfig(host, stderr.trim().split('\n')[0] ?? ''))
    })
  })
}

function parseConfig(text: string): SshConfig {
  const config = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [, key, value] = /^(\S+) (.+)$/.exec(line) ?? []
    if (key !== undefined && value !== undefined) config.set(key, [...(config.get(key) ?? []), value])
  }
  return config
}

function unreadableConfig(host: string, why: string): YardError {
  return new YardError('E_HOST_UNREACHABLE', {
    what: `Can't find out how to connect to ${host}`,
    why: why === '' ? 'ssh did not say what its settings are' : why,
    next: ['ssh -G localhost   # shows what is wrong with ~/.ssh/config'],
  })
}
