import {type BadRecord} from '../../catalog/collection.js'
import {reportBad} from '../../catalog/report-bad.js'
import {type Report} from '../../contracts/report.js'
import {neutralise} from '../../domain/logs/escapes.js'
import {type FollowedState} from './followed-state.js'

/** Tells each thing that people should know of the catalog once, when it begins and when it is over. */
export class StateReporter {
  private wasStale = false
  private suspects: ReadonlySet<string> = new Set()
  private bad: ReadonlySet<string> = new Set()

  constructor(private readonly report: Report) {}

  tell({bad, facts, problem, staleSince, suspects}: FollowedState): void {
    this.tellStale(staleSince, problem)
    const held = suspects.filter((each) => !this.suspects.has(each))
    for (const line of held) this.warn(`held back: ${line}`)
    if (held.length > 0) this.note(`let go of it: yard sidecar accept-loss --env ${facts.environment.name}`)
    if (this.suspects.size > 0 && suspects.length === 0) this.note('nothing is held back any more')
    this.suspects = new Set(suspects)
    reportBad(
      this.report,
      bad.filter((each) => !this.bad.has(nameOf(each))),
    )
    this.bad = new Set(bad.map(nameOf))
  }

  private tellStale(staleSince: string | undefined, problem: string | undefined): void {
    const isStale = staleSince !== undefined
    if (isStale === this.wasStale) return
    this.wasStale = isStale
    if (!isStale) {
      this.note('the catalog is heard again')
      return
    }
    const why = problem === undefined ? '' : ` (${neutralise(problem)})`
    this.warn(`the catalog can't be heard since ${staleSince}${why}; requests go on by what it said last`)
  }

  private warn(text: string): void {
    this.report({kind: 'warning', text})
  }

  private note(text: string): void {
    this.report({kind: 'note', text})
  }
}

function nameOf({key, why}: BadRecord): string {
  return `${key}\n${why}`
}
