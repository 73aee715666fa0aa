import {performance} from 'node:perf_hooks'
import {setTimeout as pause} from 'node:timers/promises'

import {type Progress} from './progress.js'
import {type Survey} from './survey.js'

export interface GuardNeeds {
  survey: Survey
  progress: Progress
  clusterId: string | undefined
  reconcileMillis: number
  /** Whether the member of the stream answers. */
  isAlive: () => Promise<boolean>
  /** The stream is of no use: another one goes on where this one is. */
  onUseless: () => void
  /** Something was missed that no stream can bring back. */
  onLost: () => void
}

/** A silence after which the member is asked whether it lives. */
const silenceMillis = 5_000

/** How long something that a majority knows may take to arrive. */
const arrivalMillis = 5_000

/**
 * Looks after one stream. A member that is stopped keeps its connections; one that is cut off from the others knows of
 * nothing new; and old versions of etcd can drop an event. None of these ends the stream.
 */
export class Guard {
  private heardAt = performance.now()
  private isWaiting = true
  private isOver = false
  private readonly silence: NodeJS.Timeout
  private comparison: NodeJS.Timeout | undefined

  constructor(private readonly needs: GuardNeeds) {
    this.silence = setInterval(() => void this.checkSilence(), silenceMillis).unref()
    this.planComparison()
  }

  /** The stream waits for its next message. */
  waits(): void {
    this.heardAt = performance.now()
    this.isWaiting = true
  }

  /** The reader is busy: what doesn't arrive is its own doing. */
  rests(): void {
    this.isWaiting = false
  }

  stop(): void {
    this.isOver = true
    clearInterval(this.silence)
    clearTimeout(this.comparison)
  }

  private async checkSilence(): Promise<void> {
    if (!this.isSilent()) return
    const isAlive = await this.needs.isAlive().catch(() => false)
    if (!isAlive && !this.isOver && this.isSilent()) this.needs.onUseless()
  }

  private isSilent(): boolean {
    return this.isWaiting && performance.now() - this.heardAt >= silenceMillis
  }

  private planComparison(): void {
    const millis = this.needs.reconcileMillis * (0.8 + Math.random() * 0.4)
    this.comparison = setTimeout(() => void this.compareAndPlan(), millis).unref()
  }

  private async compareAndPlan(): Promise<void> {
    // A majority that doesn't answer shows nothing about the stream.
    const missed = await this.compare().catch(() => 'nothing')
    if (this.isOver) return
    if (missed === 'all') this.needs.onLost()
    else if (missed === 'newest') this.needs.onUseless()
    else this.planComparison()
  }

  private async compare(): Promise<'nothing' | 'newest' | 'all'> {
    const {survey, progress, clusterId} = this.needs
    const {seen, count} = progress
    if (!this.isWaiting) return 'nothing'
    if (seen > 0 && count !== undefined) {
      const then = await survey.countAt(seen)
      if (then !== 'gone' && then.count !== count) return 'all'
    }
    const now = await survey.newest()
    if (now.clusterId !== clusterId || now.revision < seen) return 'all'
    const isBehind = now.modRevision > seen || (count !== undefined && now.count !== count)
    return isBehind && (await this.staysAt(seen)) ? 'newest' : 'nothing'
  }

  private async staysAt(seen: number): Promise<boolean> {
    const deadline = performance.now() + arrivalMillis
    while (performance.now() < deadline) {
      if (this.isOver || !this.isWaiting || this.needs.progress.seen !== seen) return false
      await pause(100, undefined, {ref: false})
    }
    return true
  }
}
