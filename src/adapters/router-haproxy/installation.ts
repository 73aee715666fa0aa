import {type RouterHost} from '../../contracts/router-host.js'
import {unfaithfulness} from '../../domain/haproxy/faithful.js'
import {bindsOf, clashesOf, descriptorsNeeded, mapFaults, parseBind} from '../../domain/haproxy/preflight.js'
import {
  configFile,
  type RenderedFile,
  type RenderedParts,
  type RenderedRouting,
  statesFile,
} from '../../domain/haproxy/rendered.js'
import {noServerStates} from '../../domain/haproxy/server-states.js'

import {cannotListen, refusedConfiguration} from './router-faults.js'
import {holds, type Wanted} from './wanted.js'

/** Called around each step that changes something, so that a test can end the program there. */
export type RouterFailpoint = (step: RouterStep, moment: 'before' | 'after') => Promise<void>

export type RouterStep = 'candidate' | 'install' | 'runtime' | 'reload'

interface KnownGeneration {
  parts: RenderedParts | undefined
  binds: readonly string[]
}

const mostGenerations = 8

/** The files of a host, and what is known of the configurations that were in place. */
export class Installation {
  private files: ReadonlyMap<string, string> | undefined
  private isRead = false
  /** Those that HAProxy accepted, so that it needn't be asked again: servers and entries of maps can't change its mind. */
  private readonly accepted = new Set<string>()
  private readonly known = new Map<string, KnownGeneration>()
  /** What HAProxy runs with for certain, to go back to. */
  private proven: RenderedRouting['files'] | undefined

  constructor(
    private readonly host: RouterHost,
    private readonly failpoint: RouterFailpoint,
  ) {}

  /** What a generation consists of; undefined when it isn't one of this program. */
  partsOf(generation: string): RenderedParts | undefined {
    return this.known.get(generation)?.parts
  }

  /** Looks again at what is in place. */
  async read(): Promise<void> {
    this.files = await this.host.installed()
    this.isRead = true
    const config = this.files?.get(configFile)
    const generation = generationIn(this.files)
    if (config === undefined || generation === undefined || this.known.has(generation)) return
    this.remember(generation, {parts: undefined, binds: bindsOf(config)})
  }

  /**
   * Puts the files in place once they are proven: equal to the model, accepted by HAProxy, and free to listen where what
   * runs doesn't. Nothing in place changes before that. Returns whether there was something to do.
   * @param running the generation that runs; undefined when none does
   * @param states servers that a start from these files takes for down
   * @throws YardError E_HAPROXY_CONFIG, E_PORT_TAKEN, E_DISK_FULL, E_PERMISSION
   */
  async put(wanted: Wanted, running: string | undefined, states = noServerStates): Promise<boolean> {
    if (!this.isRead) await this.read()
    const {rendered, model, settings} = wanted
    const {generation} = rendered
    this.proveInPlace(running)
    const files = rendered.files.map((file) => (file.name === statesFile ? {...file, text: states} : file))
    if (holds(this.files, {files})) {
      this.rememberRendered(rendered)
      return false
    }
    const difference = unfaithfulness(rendered, model, settings)
    if (difference !== undefined)
      throw refusedConfiguration(`the rendered file is not what was asked for: ${difference}`)
    if (this.accepted.has(generation)) await this.preflightBinds(rendered, running)
    else await this.preflight(wanted, running)
    const serversOnly = this.accepted.has(generation) ? onlyConfigDiffers(this.files, files) : undefined
    await this.failpoint('candidate', 'before')
    if (serversOnly === undefined) await this.host.writeCandidate(files)
    await this.failpoint('candidate', 'after')
    if (!this.accepted.has(generation)) {
      const objection = await this.host.checkCandidate()
      if (objection !== undefined) throw refusedConfiguration(objection)
      this.accept(generation)
    }
    await this.failpoint('install', 'before')
    this.isRead = false
    if (serversOnly === undefined) await this.host.install()
    else await this.host.replaceFile(serversOnly)
    this.files = new Map(files.map(({name, text}) => [name, text]))
    this.isRead = true
    await this.failpoint('install', 'after')
    this.rememberRendered(rendered)
    return true
  }

  /** Which servers a start from what is in place takes for down. @throws YardError E_DISK_FULL, E_PERMISSION */
  async putStates(text: string): Promise<void> {
    if (this.files === undefined || this.files.get(statesFile) === text) return
    this.isRead = false
    await this.host.replaceFile({name: statesFile, text})
    this.files = new Map(this.files).set(statesFile, text)
    this.isRead = true
  }

  /**
   * What `haproxy -c` doesn't look at, and what makes a reload an outage.
   * @throws YardError E_HAPROXY_CONFIG, E_PORT_TAKEN, E_PERMISSION
   */
  async preflight(wanted: Wanted, running: string | undefined): Promise<void> {
    await this.preflightContent(wanted)
    await this.preflightBinds(wanted.rendered, running)
  }

  /**
   * What can be said without touching anything that runs.
   * @throws YardError E_HAPROXY_CONFIG
   */
  async preflightContent({rendered, model, settings}: Wanted): Promise<void> {
    const faults = [...mapFaults(rendered), ...clashesOf(model).map((bind) => `two parts listen on ${bind}`)]
    if (faults.length > 0) throw refusedConfiguration(faults.slice(0, 5).join(', '))
    const needed = descriptorsNeeded(model, settings.maxConnections, this.bindsIn(rendered).length)
    const limit = await this.host.descriptorLimit()
    if (limit !== undefined && needed > limit) {
      throw refusedConfiguration(`it takes up to ${needed} open files and HAProxy may have ${limit}`)
    }
  }

  /** What runs is what is in place. */
  prove({files}: RenderedRouting): void {
    this.proven = files
  }

  /** HAProxy doesn't take what is in place: what it runs with is put back. */
  async takeBack(): Promise<void> {
    const generation = generationIn(this.files)
    if (generation !== undefined) this.accepted.delete(generation)
    if (this.proven !== undefined && holds(this.files, {files: this.proven})) return
    this.isRead = false
    if (this.proven === undefined) {
      await this.host.restorePrevious()
      return
    }
    await this.host.writeCandidate(this.proven)
    await this.host.install()
  }

  /** Before the first change: what runs was started from what is in place. */
  private proveInPlace(running: string | undefined): void {
    if (this.proven !== undefined || this.files === undefined) return
    if (running === undefined || generationIn(this.files) !== running) return
    this.proven = [...this.files].map(([name, text]) => ({
      name,
      text: name === statesFile ? noServerStates : text,
    }))
  }

  /** Where it isn't known what the running HAProxy listens on, its own addresses can't be told from those of others. */
  private async preflightBinds(rendered: RenderedRouting, running: string | undefined): Promise<void> {
    if (running === rendered.generation) return
    const known = running === undefined ? [] : this.known.get(running)?.binds
    if (known === undefined) return
    const own = new Set(known)
    for (const bind of this.bindsIn(rendered).filter((each) => !own.has(each))) {
      const fault = await this.host.bindFault(parseBind(bind))
      if (fault !== undefined) throw cannotListen(fault, parseBind(bind))
    }
  }

  private bindsIn({generation, files}: RenderedRouting): readonly string[] {
    return this.known.get(generation)?.binds ?? bindsOf(files[0]?.text ?? '')
  }

  private accept(generation: string): void {
    this.accepted.add(generation)
    for (const oldest of [...this.accepted].slice(0, -mostGenerations)) this.accepted.delete(oldest)
  }

  private rememberRendered({generation, parts, files}: RenderedRouting): void {
    if (this.known.get(generation)?.parts !== undefined) return
    this.remember(generation, {parts, binds: bindsOf(files[0]?.text ?? '')})
  }

  private remember(generation: string, known: KnownGeneration): void {
    this.known.delete(generation)
    this.known.set(generation, known)
  }

  /** All but the newest, and the one that runs. */
  forgetOld(running: string): void {
    const oldest = [...this.known.keys()].slice(0, -mostGenerations)
    for (const generation of oldest) if (generation !== running) this.known.delete(generation)
  }
}

function generationIn(files: ReadonlyMap<string, string> | undefined): string | undefined {
  return /^ {2}description ([0-9a-f]+)$/m.exec(files?.get(configFile) ?? '')?.[1]
}

/** The configuration, when it is the only file that differs from those in place: a rename is all it takes then. */
function onlyConfigDiffers(
  inPlace: ReadonlyMap<string, string> | undefined,
  files: readonly RenderedFile[],
): RenderedFile | undefined {
  if (inPlace?.size !== files.length) return undefined
  const [first, ...others] = files.filter(({name, text}) => inPlace.get(name) !== text)
  return first?.name === configFile && others.length === 0 ? first : undefined
}
