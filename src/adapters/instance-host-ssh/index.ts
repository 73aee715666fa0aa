import {isDeepStrictEqual} from 'node:util'

import {type RunResult} from '../../contracts/command-runner.js'
import {
  type FetchRequest,
  type HostFence,
  type HostSurvey,
  type InstanceHost,
  type InstanceSpec,
  type OneOffRequest,
  type PlaceReport,
  type PlaceRequest,
  type RecallRequest,
  type StopRequest,
  type SurveyRequest,
} from '../../contracts/instance-host.js'
import {type RemoteShell} from '../../contracts/remote-shell.js'
import {type InstanceStatus} from '../../domain/instance.js'
import {type ReleaseManifest} from '../../domain/release-manifest.js'
import {type Endpoint} from '../../domain/routing.js'
import {fetchFiles} from './fetch.js'
import {HostInstances} from './instances.js'
import {placeRelease} from './place.js'
import {recallRelease} from './recall.js'
import {ReleasePackings} from './release-packings.js'
import {type ReleasePlaces, releasePlacesBelow} from './release-places.js'
import {surveyHost, type Surveyed} from './survey.js'

export {ReleasePackings} from './release-packings.js'

export interface SshInstanceHostSettings {
  shell: RemoteShell
  /** What works as root there must be these very bytes, as sha256; not looked at unless given. */
  hostScriptDigest?: string
  /** Shared by the hosts of a deploy, so that what all of them lack is packed once. */
  packings?: ReleasePackings
  /** In front of every path there: for tests. */
  root?: string
}

/**
 * A machine with systemd that is reached over SSH: releases below `/srv/yard`, instances as units. A deploy takes one
 * connection and at most four commands: survey, place, start, stop.
 */
export class SshInstanceHost implements InstanceHost {
  readonly name: string
  private readonly shell: RemoteShell
  private readonly instances: HostInstances
  private readonly packings: ReleasePackings
  private readonly places: ReleasePlaces
  /** What the last look found, by release. */
  private readonly surveyed = new Map<string, Surveyed>()
  /** What was found together with what is written down of a release, until somebody asks for it. */
  private readonly recalled = new Map<string, {release: ReleaseManifest; surveyed: Surveyed}>()

  constructor({hostScriptDigest, packings, root = '', shell}: SshInstanceHostSettings) {
    this.name = shell.host
    this.shell = shell
    this.instances = new HostInstances(shell)
    this.packings = packings ?? new ReleasePackings()
    this.places = releasePlacesBelow(root, hostScriptDigest)
  }

  async survey(request: SurveyRequest): Promise<HostSurvey> {
    const key = keyOf(request)
    const recalled = this.recalled.get(key)
    this.recalled.delete(key)
    const found =
      recalled !== undefined && isDeepStrictEqual(recalled.release.files, request.release.files)
        ? recalled.surveyed
        : await surveyHost(this.shell, this.places, request)
    this.surveyed.set(key, found)
    return found.survey
  }

  async recall(request: RecallRequest): Promise<ReleaseManifest | undefined> {
    const {release, surveyed} = await recallRelease(this.shell, this.places, request)
    const fence = request.survey?.fence
    if (release !== undefined && surveyed?.isThere === true && fence !== undefined)
      this.recalled.set(keyOf({fence, release}), {release, surveyed})
    return release
  }

  fetch(request: FetchRequest): Promise<void> {
    return fetchFiles(this.shell, this.places, request)
  }

  async place(request: PlaceRequest): Promise<PlaceReport> {
    const {packings, places, shell} = this
    const key = keyOf(request)
    const surveyed =
      this.surveyed.get(key) ??
      (await surveyHost(shell, places, {...request, neededReleases: 'all', needs: []}))
    // What was found is no longer so, whatever comes of this.
    this.surveyed.delete(key)
    return placeRelease({shell, places, packings}, request, surveyed)
  }

  runOnce(request: OneOffRequest): Promise<RunResult> {
    return this.instances.runOnce(request)
  }

  start(instances: readonly InstanceSpec[], fence: HostFence): Promise<void> {
    return this.instances.start(instances, fence)
  }

  statuses(ids: readonly string[]): Promise<ReadonlyMap<string, InstanceStatus>> {
    return this.instances.statuses(ids)
  }

  ownsPort(id: string, port: number): Promise<boolean | undefined> {
    return this.instances.ownsPort(id, port)
  }

  lastLines(id: string, count: number): Promise<string[]> {
    return this.instances.lastLines(id, count)
  }

  async stop(request: StopRequest): Promise<void> {
    await this.instances.stop(request)
  }

  /** The tunnel ends with the connection. */
  reach(endpoint: Endpoint): Promise<Endpoint> {
    return this.shell.forward(endpoint)
  }

  /** The connection is the shell's, which others may use. */
  close(): Promise<void> {
    return this.instances.close()
  }
}

function keyOf({fence, release}: Pick<PlaceRequest, 'fence' | 'release'>): string {
  return JSON.stringify([fence.environment, release.service, release.release, release.artifact])
}
