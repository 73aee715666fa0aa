import {type InstanceStatus} from '../domain/instance.js'
import {type ContentFile, type ManifestFile, type ReleaseManifest} from '../domain/release-manifest.js'
import {type Endpoint} from '../domain/routing.js'
import {type Secret} from '../domain/secret.js'
import {type RunResult} from './command-runner.js'

/**
 * One machine as the lifecycle of a service uses it: releases are brought there, and processes of instances run there so
 * that they outlive the program that asked for them. Connects when it's first asked for something.
 */
export interface InstanceHost {
  readonly name: string
  /**
   * What is there and whether a release has room and what it needs. Takes the fence, and removes the releases that may go,
   * which makes the room; nothing that runs is touched.
   * @throws YardError E_FENCED, E_HOST_SETUP, E_DISK_FULL, E_PERMISSION, E_HOST_UNREACHABLE, E_HOST_KEY, E_HOST_AUTH
   */
  survey(request: SurveyRequest): Promise<HostSurvey>
  /**
   * What the host has written down of a release, whatever it says: who asks compares it with what is known elsewhere.
   * Undefined when the release isn't there. With `survey`, the survey of the same files that follows takes no command.
   * @throws YardError as `survey` does
   */
  recall(request: RecallRequest): Promise<ReleaseManifest | undefined>
  /**
   * Copies files of a release from there into a directory on this machine, the bytes of each compared with its hash first.
   * @throws YardError E_ARTIFACT for bytes that differ or aren't there, E_DISK_FULL here, E_HOST_UNREACHABLE
   */
  fetch(request: FetchRequest): Promise<void>
  /**
   * Brings a release there, whole and verified by hash, or not at all; sends only what the host doesn't have. One that is
   * there and isn't what it should be is made anew.
   * @throws YardError E_ARTIFACT for bytes that differ, E_DISK_FULL, E_FENCED
   */
  place(request: PlaceRequest): Promise<PlaceReport>
  /** Runs a process of a placed release to its end, as the user and with the limits of its instances. */
  runOnce(request: OneOffRequest): Promise<RunResult>
  /**
   * Starts instances; one that runs already is left alone. Their statuses are kept up to date from here on.
   * @throws YardError E_FENCED, E_STEP_FAILED
   */
  start(instances: readonly InstanceSpec[], fence: HostFence): Promise<void>
  /** As last seen, at most a second old; an instance of which nothing is left has none. */
  statuses(ids: readonly string[]): Promise<ReadonlyMap<string, InstanceStatus>>
  /** Whether who listens on the port belongs to the instance; undefined where that can't be told. */
  ownsPort(id: string, port: number): Promise<boolean | undefined>
  /** The last lines an instance wrote, oldest first. */
  lastLines(id: string, count: number): Promise<string[]>
  /**
   * SIGTERM, after the grace time SIGKILL; returns when nothing of them is left, not even after a restart of the machine.
   * @throws YardError E_FENCED, E_STEP_FAILED for one that doesn't end
   */
  stop(request: StopRequest): Promise<void>
  /** Where this program reaches what the machine reaches under an address of its own. */
  reach(endpoint: Endpoint): Promise<Endpoint>
  close(): Promise<void>
}

/**
 * The right to change what a host has of a service. A host keeps the highest number that it saw, and refuses who comes
 * with a lower one: a deploy that slept while another took its lock changes nothing.
 */
export interface HostFence {
  environment: string
  service: string
  /** Of the lock: the catalog revision at which it was taken. */
  number: number
}

export interface SurveyRequest {
  fence: HostFence
  release: ReleaseManifest
  /** Releases of the service that must stay there, whatever their age. */
  neededReleases: readonly number[]
  /** Programs that must be there, such as `python3`. */
  needs: readonly string[]
}

export interface HostSurvey {
  /** Files of the release whose content isn't there yet, and their sum in bytes. */
  missingFiles: number
  missingBytes: number
  /** Where releases are kept. */
  freeBytes: number
  /** Of what the release needs. */
  missingPrograms: string[]
  /** Ports on which something listens. */
  takenPorts: ReadonlySet<number>
  /** Releases of the service that are there, ascending. */
  releases: number[]
  /** Removed just now. */
  removed: number[]
  /** How far the clock there is ahead of this one. */
  clockAheadMillis: number
}

export interface RecallRequest {
  service: string
  release: number
  /** The look at the host that it takes on the way; without it nothing changes there, not even the fence. */
  survey?: Omit<SurveyRequest, 'release'>
}

export interface FetchRequest {
  service: string
  /** Of whatever releases of the service: contents are known by their hashes. */
  files: readonly ManifestFile[]
  /** Where they get their paths. Nobody else writes there meanwhile. */
  directory: string
}

export interface PlaceRequest {
  fence: HostFence
  release: ReleaseManifest
  /** A directory on this machine that has these files of the release. Asked for only when the host lacks them. */
  contents: (files: readonly ContentFile[]) => Promise<string>
}

export interface PlaceReport {
  wasThere: boolean
  filesSent: number
  bytesSent: number
}

/** What a process of an instance is started with. */
export interface InstanceSpec {
  id: string
  service: string
  release: number
  process: string
  environment: string
  /** A line of the Procfile, run by a shell. */
  line: string
  port?: number
  variables: Readonly<Record<string, string>>
  /** Asked for only when it has to be started. They reach the process and are in no argument, and no file that others may read. */
  secrets?: () => Promise<Readonly<Record<string, Secret>>>
  limits: InstanceLimits
  /** Between SIGTERM and SIGKILL. */
  graceMillis: number
}

export interface InstanceLimits {
  memoryBytes?: number
  /** Processes and threads. */
  tasks?: number
}

export interface OneOffRequest {
  fence?: HostFence
  /** Of a release that is there. Its id names the process in logs. */
  instance: Omit<InstanceSpec, 'port' | 'graceMillis'>
  deadlineMillis: number
  signal?: AbortSignal
  /** Lines of stdout and stderr as they come. */
  onLine?: (line: string) => void
}

export interface StopRequest {
  fence: HostFence
  ids: readonly string[]
  graceMillis: number
  /** Told of each one that ignored SIGTERM for the whole grace time. */
  onKilled?: (id: string) => void
}
