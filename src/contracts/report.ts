/** What a lifecycle step tells while it works. The terminal, `--json`, the log and the tests hear the same events. */
export type YardEvent =
  | {kind: 'step-started'; step: string; title: string}
  | {
      kind: 'step-finished'
      step: string
      outcome: 'done' | 'skipped' | 'failed'
      millis: number
      detail?: string
    }
  | {kind: 'step-output'; step: string; line: string}
  | {kind: 'note'; text: string}
  | {kind: 'warning'; text: string}

export type Report = (event: YardEvent) => void
