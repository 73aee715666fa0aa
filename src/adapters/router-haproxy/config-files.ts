import {execFile} from 'node:child_process'
import {mkdir, open, readFile, rename} from 'node:fs/promises'
import path from 'node:path'

import {unfaithfulness} from '../../domain/haproxy/faithful.js'
import {type RenderedRouting} from '../../domain/haproxy/rendered.js'
import {type RoutingModel} from '../../domain/routing.js'
import {YardError} from '../../errors.js'

export const configFile = 'haproxy.cfg'
export const mapFile = 'services.map'
const checkDeadlineMillis = 30_000

export interface CheckedBy {
  file: string
  variables: Record<string, string>
}

/** What is on disk, where HAProxy reads it when it starts or reloads; undefined when nothing is. */
export async function readInstalled(directory: string): Promise<{config: string; map: string} | undefined> {
  try {
    const [config, map] = await Promise.all(
      [configFile, mapFile].map((name) => readFile(path.join(directory, name), 'latin1')),
    )
    return config === undefined || map === undefined ? undefined : {config, map}
  } catch {
    return undefined
  }
}

/**
 * Puts the files in place once they are proven: equal to the model, and accepted by HAProxy. Nothing in place changes
 * before that, and what is in place is complete at every moment, because HAProxy may start from it at any moment.
 * @throws YardError E_HAPROXY_CONFIG, E_DISK_FULL, E_PERMISSION
 */
export async function install(
  directory: string,
  rendered: RenderedRouting,
  model: RoutingModel,
  haproxy: CheckedBy,
): Promise<void> {
  const difference = unfaithfulness(rendered, model)
  if (difference !== undefined) throw refused(`the rendered file is not what was asked for: ${difference}`)
  const candidate = path.join(directory, 'candidate')
  try {
    await mkdir(candidate, {recursive: true, mode: 0o700})
    await writeDurably(path.join(candidate, mapFile), rendered.map)
    await writeDurably(path.join(candidate, configFile), rendered.config)
    await checkWithHaproxy(candidate, haproxy)
    // A map that names a backend the file doesn't have yet would be worse than the other way round.
    await rename(path.join(candidate, configFile), path.join(directory, configFile))
    await rename(path.join(candidate, mapFile), path.join(directory, mapFile))
    await syncDirectory(directory)
  } catch (error) {
    throw fileFault(error, directory)
  }
}

async function checkWithHaproxy(candidate: string, {file, variables}: CheckedBy): Promise<void> {
  const complaint = await new Promise<string | undefined>((resolve) => {
    const options = {timeout: checkDeadlineMillis, env: variables, maxBuffer: 1_048_576}
    execFile(file, ['-c', '-C', candidate, '-f', configFile], options, (error, stdout, stderr) => {
      resolve(error === null ? undefined : (alertIn(`${stderr}\n${stdout}`) ?? error.message))
    })
  })
  if (complaint !== undefined) throw refused(complaint)
}

function alertIn(output: string): string | undefined {
  const alerts = output.split('\n').filter((line) => line.startsWith('[ALERT]'))
  return alerts[0]?.replace(/^\[ALERT\]\s+(\S+ )?\(\d+\) : /, '').slice(0, 500)
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'w', 0o600)
  try {
    await handle.writeFile(text, 'latin1')
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function refused(why: string): YardError {
  return new YardError('E_HAPROXY_CONFIG', {
    what: "Can't use the new HAProxy configuration",
    why,
    next: ['yard doctor'],
  })
}

function fileFault(error: unknown, directory: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const what = `Can't write the HAProxy configuration in ${directory}`
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new YardError('E_DISK_FULL', {
      what,
      why: 'the disk is full',
      next: [`df -h ${directory}`],
      cause: error,
    })
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new YardError('E_PERMISSION', {
      what,
      why: 'this user may not',
      next: [`ls -ld ${directory}`],
      cause: error,
    })
  }
  return error
}
