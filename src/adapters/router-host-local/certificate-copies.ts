import {createHash} from 'node:crypto'
import {link, mkdir, readdir, readFile, rename, rm, stat} from 'node:fs/promises'
import path from 'node:path'

import {type HostCertificates, type UsableCertificate} from '../../contracts/router-host.js'
import {certificatesList, configFile} from '../../domain/haproxy/rendered.js'
import {printable} from '../../domain/names.js'

import {certificateProblem, expiryOf} from './certificate-problem.js'
import {checkConfiguration} from './check-configuration.js'
import {fileFault} from './file-fault.js'
import {type FoundHaproxy} from './find-haproxy.js'
import {type HostFiles, writeDurably} from './host-files.js'

interface Looked {
  /** Changes when the file does. */
  mark: string
  /** Of the copy; undefined when it can't be used. */
  path?: string
  problem?: string
  expires?: Date
}

const largestBytes = 1_048_576

/**
 * HAProxy reads copies named by their content and not the directory itself, so what it starts from always fits together,
 * whatever happens there meanwhile.
 */
export class CertificateCopies {
  /** What was found in a file the last time, by its path: looking again is cheap. */
  private looked = new Map<string, Looked>()

  constructor(
    private readonly routerDirectory: string,
    private readonly haproxy: FoundHaproxy,
    private readonly files: HostFiles,
  ) {}

  private get copies(): string {
    return path.join(this.routerDirectory, 'certificates')
  }

  /** @throws YardError E_DISK_FULL, E_PERMISSION */
  async of(directory: string): Promise<HostCertificates> {
    const entries = await readdir(directory).catch((error: unknown) => reasonOf(error))
    if (typeof entries === 'string') return {usable: [], broken: [`${printable(directory)}: ${entries}`]}
    const names = entries.filter((name) => name.endsWith('.pem')).sort()
    const looked = new Map<string, Looked>()
    for (const name of names)
      looked.set(path.join(directory, name), await this.look(path.join(directory, name)))
    const isChanged = [...looked].some(([file, found]) => this.looked.get(file) !== found)
    this.looked = looked
    if (isChanged) await this.forgetOthers()
    const found = names.map((name): [string, Looked | undefined] => [
      name,
      looked.get(path.join(directory, name)),
    ])
    return {
      usable: found.flatMap(([name, one]) => usable(name, one)),
      broken: found.flatMap(([name, one]) => complaints(name, one)),
    }
  }

  private async look(file: string): Promise<Looked> {
    const before = this.looked.get(file)
    const found = await stat(file).catch((error: unknown) => reasonOf(error))
    if (typeof found === 'string') return {mark: '', problem: `can't be read: ${found}`}
    const mark = `${found.mtimeMs} ${found.size} ${found.ino}`
    if (before?.mark === mark && (await isStillThere(before))) return before
    if (!found.isFile()) return {mark, problem: 'is not a file'}
    if (found.size > largestBytes) return {mark, problem: 'is larger than 1 MB'}
    const text = await readFile(file, 'latin1').catch((error: unknown) => ({reason: reasonOf(error)}))
    if (typeof text !== 'string') return {mark: '', problem: `can't be read: ${text.reason}`}
    return {mark, ...(await this.take(text))}
  }

  private async take(text: string): Promise<Omit<Looked, 'mark'>> {
    const problem = certificateProblem(text)
    if (problem !== undefined) return {problem}
    const hash = createHash('sha256').update(text, 'latin1').digest('hex')
    const copy = path.join(this.copies, `${hash}.pem`)
    const expires = expiryOf(text)
    if ((await readFile(copy, 'latin1').catch(() => undefined)) === text) return {path: copy, expires}
    try {
      await mkdir(this.copies, {recursive: true, mode: 0o700})
      const draft = path.join(this.copies, `${hash}.draft`)
      await writeDurably(draft, text)
      const objection = await this.objection(draft)
      if (objection !== undefined) {
        await rm(draft, {force: true})
        return {problem: `HAProxy does not take it: ${objection}`}
      }
      await rename(draft, copy)
    } catch (error) {
      throw fileFault(error, this.copies)
    }
    return {path: copy, expires}
  }

  /** What no parser but HAProxy's own can tell: whether its TLS library accepts the key. */
  private async objection(draft: string): Promise<string | undefined> {
    const trial = path.join(this.copies, 'trial')
    await rm(trial, {recursive: true, force: true})
    await mkdir(trial, {mode: 0o700})
    await link(draft, path.join(trial, 'trial.pem'))
    const lines = [
      'frontend trial',
      '  mode http',
      '  timeout client 1s',
      '  bind 127.0.0.1:1 ssl crt trial.pem',
    ]
    await writeDurably(path.join(trial, configFile), `${lines.join('\n')}\n`)
    const objection = await checkConfiguration(this.haproxy, trial)
    await rm(trial, {recursive: true, force: true})
    return objection
  }

  /** A copy goes when neither the files in place nor the previous ones name it. */
  private async forgetOthers(): Promise<void> {
    const lists = (await this.files.versionsOf(certificatesList)).join('\n')
    const used = new Set([...this.looked.values()].map((one) => one.path))
    for (const name of await readdir(this.copies).catch(() => [])) {
      const copy = path.join(this.copies, name)
      if (!used.has(copy) && !lists.includes(copy)) await rm(copy, {force: true, recursive: true})
    }
  }
}

function usable(name: string, one: Looked | undefined): UsableCertificate[] {
  return one?.path === undefined ? [] : [{name, path: one.path}]
}

function complaints(name: string, one: Looked | undefined): string[] {
  const shown = `certificate ${printable(name)}`
  if (one?.problem !== undefined) return [`${shown} ${one.problem}`]
  if (one?.expires === undefined || one.expires.getTime() > Date.now()) return []
  return [`${shown} expired on ${one.expires.toISOString().slice(0, 10)}, and is shown all the same`]
}

async function isStillThere({path: copy}: Looked): Promise<boolean> {
  return (
    copy === undefined ||
    (await stat(copy).then(
      () => true,
      () => false,
    ))
  )
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const reasons: Record<string, string> = {
    ENOENT: 'it is not there',
    ENOTDIR: 'it is not a directory',
    EACCES: 'this user may not',
  }
  return reasons[code] ?? `the system answers ${code}`
}
