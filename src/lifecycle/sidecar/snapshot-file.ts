import {type Clock} from '../../contracts/clock.js'
import {type Files} from '../../contracts/files.js'
import {type Report} from '../../contracts/report.js'
import {printable} from '../../domain/names.js'
import {readSnapshot, type ReadSnapshot, type SnapshotContent, snapshotText} from './snapshot-text.js'

interface SnapshotFileNeeds {
  files: Pick<Files, 'readText' | 'writeText'>
  clock: Clock
  report: Report
}

/** Room for some hundred thousand records. */
const mostBytes = 256 * 1024 * 1024
/** Whoever could write it would say where requests go when the catalog is away. */
const ownerOnly = 0o600
const pauseMillis = 1_000
/** A large state is written so seldom that writing it takes no more than a twentieth of the time. */
const pausePerWork = 20
const pauseAfterFailureMillis = 10_000
/** A state in which nothing changed is written again after this time: it also says when the catalog was heard. */
const unchangedMillis = 300_000

/** The last good state on disk: read at the start, written after changes, at most once a second. */
export class SnapshotFile {
  private isWanted = false
  private isWriting = false
  private isFailing = false
  private nextAtMillis = 0
  private writtenAtMillis = Number.NEGATIVE_INFINITY

  constructor(
    private readonly needs: SnapshotFileNeeds,
    private readonly file: string,
  ) {}

  /** Undefined when there is none that can be used; why not is reported. Never throws. */
  async read(environment: string): Promise<ReadSnapshot | undefined> {
    try {
      const text = await this.needs.files.readText(this.file, mostBytes)
      if (text === undefined) return undefined
      const snapshot = readSnapshot(text, environment)
      if (typeof snapshot !== 'string') return snapshot
      this.warn(`the saved state ${this.file} is not used: ${snapshot}`)
    } catch (error) {
      this.warn(`the saved state ${this.file} can't be read: ${reasonOf(error)}`)
    }
    return undefined
  }

  /** Has the state of the moment written soon, whatever it is then. Never throws: routing goes on without. */
  offer(take: () => SnapshotContent, isChanged: boolean, signal: AbortSignal): void {
    const now = this.needs.clock.monotonicMillis()
    if (!isChanged && now - this.writtenAtMillis < unchangedMillis) return
    this.isWanted = true
    if (!this.isWriting) void this.write(take, signal)
  }

  private async write(take: () => SnapshotContent, signal: AbortSignal): Promise<void> {
    const {clock, files} = this.needs
    const isOver = () => signal.aborted
    this.isWriting = true
    while (this.isWanted && !isOver()) {
      const waitMillis = this.nextAtMillis - clock.monotonicMillis()
      try {
        if (waitMillis > 0) await clock.sleep(waitMillis, signal, {inBackground: true})
        this.isWanted = false
        const begun = clock.monotonicMillis()
        await files.writeText(this.file, await snapshotText(take()), ownerOnly)
        const now = clock.monotonicMillis()
        this.writtenAtMillis = now
        this.nextAtMillis = now + Math.max(pauseMillis, (now - begun) * pausePerWork)
        if (this.isFailing)
          this.needs.report({kind: 'note', text: `the state is saved in ${this.file} again`})
        this.isFailing = false
      } catch (error) {
        if (isOver()) break
        this.isWanted = true
        this.nextAtMillis = clock.monotonicMillis() + pauseAfterFailureMillis
        if (!this.isFailing) {
          this.warn(`the state can't be saved: ${reasonOf(error)}; routing goes on, and it is tried again`)
        }
        this.isFailing = true
      }
    }
    this.isWriting = false
  }

  private warn(text: string): void {
    this.needs.report({kind: 'warning', text})
  }
}

function reasonOf(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error))
}
