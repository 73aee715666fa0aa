import {type InstanceHost} from '../../../contracts/instance-host.js'
import {printable} from '../../../domain/names.js'
import {type ManifestFile, type ReleaseManifest} from '../../../domain/release-manifest.js'
import {type Release, releaseId} from '../../../domain/release.js'
import {YardError} from '../../../errors.js'
import {reasonOf} from '../step-failure.js'
import {type ReleaseHolder, releaseHolders} from './release-holders.js'
import {configDigest, filesDigest} from './release-manifest.js'
import {type ReleaseSource, type SourceNeeds, type SourceOptions} from './release-source.js'

/**
 * The files of a release that was built on another machine, from hosts that have it. A host is believed nothing: its list of
 * files must be the one whose digest the catalog has, and each file what that list says.
 */
export class HostsReleaseSource implements ReleaseSource {
  private readonly fetched = new Set<string>()
  private readonly opened = new Map<string, Promise<InstanceHost>>()
  private staging: string | undefined
  private lastFetch: Promise<unknown> = Promise.resolve()
  private list: readonly ManifestFile[] = []

  private constructor(
    private readonly needs: SourceNeeds,
    private readonly release: Release,
    private readonly options: SourceOptions,
    /** Those that gave what they should come first. */
    private holders: readonly ReleaseHolder[],
  ) {}

  /** @throws YardError E_ARTIFACT when no host has it, E_FENCED */
  static async open(
    needs: SourceNeeds,
    release: Release,
    options: SourceOptions,
  ): Promise<HostsReleaseSource> {
    if (release.filesDigest === undefined) throw notVouchedFor(release)
    const source = new HostsReleaseSource(needs, release, options, await releaseHolders(needs, release))
    try {
      await source.askForFiles()
      return source
    } catch (error) {
      await source.close()
      throw error
    }
  }

  get files(): readonly ManifestFile[] {
    return this.list
  }

  /** One after the other: what one asks for, the next one may need, too. */
  directoryWith(files: readonly ManifestFile[]): Promise<string> {
    const directory = this.lastFetch.then(() => this.fetch(files))
    this.lastFetch = directory.catch(() => undefined)
    return directory
  }

  async close(): Promise<void> {
    await this.lastFetch
    const machines = await Promise.allSettled(this.opened.values())
    const own = machines.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    this.opened.clear()
    await Promise.allSettled(own.map((machine) => machine.close()))
    const {staging} = this
    this.staging = undefined
    if (staging !== undefined) await this.needs.artifacts.removeStaging(staging)
  }

  private async askForFiles(): Promise<void> {
    await this.firstThat(async (holder) => {
      const {number, service} = holder.release
      const survey = this.options.surveyFor?.(holder)
      const machine = await this.machine(holder)
      const said = await machine.recall({service, release: number, ...(survey !== undefined && {survey})})
      if (said === undefined) return "doesn't have it"
      const fault = faultOf(said, holder.release, this.release)
      if (fault === undefined) this.list = said.files
      else this.needs.report({kind: 'warning', text: `${holder.host.name} ${fault}: it is not used`})
      return fault
    })
  }

  private async fetch(files: readonly ManifestFile[]): Promise<string> {
    const {artifacts} = this.needs
    const {service} = this.release
    const directory = (this.staging ??= await artifacts.createStaging(service))
    const lacking = files.filter(({path}) => !this.fetched.has(path))
    if (lacking.length === 0) return directory
    await this.firstThat(async (holder) => {
      const machine = await this.machine(holder)
      await machine.fetch({service, files: lacking, directory})
      return undefined
    })
    for (const {path} of lacking) this.fetched.add(path)
    return directory
  }

  /** @param ask returns why this one is of no use, as a clause without its name */
  private async firstThat(ask: (holder: ReleaseHolder) => Promise<string | undefined>): Promise<void> {
    const faults: string[] = []
    const errors: unknown[] = []
    for (const holder of this.holders) {
      try {
        const fault = await ask(holder)
        if (fault === undefined) {
          this.holders = [holder, ...this.holders.filter((one) => one !== holder)]
          return
        }
        faults.push(`${holder.host.name} ${fault}`)
      } catch (error) {
        if (error instanceof YardError && error.code === 'E_FENCED') throw error
        errors.push(error)
        faults.push(`${holder.host.name}: ${reasonOf(error)}`)
      }
    }
    const [first] = errors
    // Whoever can't reach any of them isn't helped by hearing of builds.
    if (first instanceof YardError && errors.length === faults.length && first.code !== 'E_ARTIFACT')
      throw first
    throw nobodyHasIt(this.release, faults)
  }

  private machine({environment, host}: ReleaseHolder): Promise<InstanceHost> {
    const {needs, opened, options} = this
    const open = options.machineOf?.(environment, host)
    if (open !== undefined) return open
    const key = `${environment.name}/${host.name}`
    const machine = opened.get(key) ?? needs.openInstanceHost(environment, host)
    opened.set(key, machine)
    return machine
  }
}

/** Why what a host says isn't the release that the catalog means; undefined when it is. */
function faultOf(said: ReleaseManifest, held: Release, wanted: Release): string | undefined {
  const {artifact, commit, environment, number, service} = held
  const isSame =
    said.service === service &&
    said.release === number &&
    said.environment === environment &&
    said.commit === commit &&
    said.artifact === artifact &&
    said.configDigest === configDigest(held)
  if (!isSame) return 'has another release under its number'
  if (filesDigest(said.files) !== wanted.filesDigest) return 'lists other files than the catalog knows'
  return undefined
}

function nobodyHasIt(release: Release, faults: readonly string[]): YardError {
  const {createdBy, service} = release
  const asked = faults.slice(0, 5).join('; ')
  const more = faults.length > 5 ? `; and ${faults.length - 5} more` : ''
  return new YardError('E_ARTIFACT', {
    what: `Can't get the files of ${idOf(release)}`,
    why:
      faults.length === 0
        ? 'its build is not on this machine, and there is no host that may have it'
        : `its build is not on this machine, and no host gave them: ${asked}${more}`,
    next: [
      `run the same command where ${printable(createdBy)} ran it first`,
      anew(release),
      `yard releases list ${service}`,
    ],
    details: {hosts: faults.slice(0, 20)},
  })
}

function notVouchedFor(release: Release): YardError {
  return new YardError('E_ARTIFACT', {
    what: `Can't get the files of ${idOf(release)}`,
    why: 'its build is not on this machine, and the catalog does not say what its files are',
    next: [`run the same command where ${printable(release.createdBy)} ran it first`, anew(release)],
  })
}

function idOf({number, service}: Release): string {
  return releaseId(service, number)
}

/** Uncommitted changes can't be had again. */
function anew({commit, dirty, environment}: Release): string {
  return dirty
    ? `yard deploy --env ${environment}   # in its repository: makes a release anew`
    : `yard deploy --ref ${commit} --env ${environment}   # in its repository: builds the same commit`
}
