import {
  type StagedFile,
  type TargetSurvey,
  type WorkspaceStage,
  type WorkspaceStages,
} from '../../src/contracts/workspace-stage.js'

type Call = 'survey' | 'open' | 'write' | 'publish' | 'discard'

/** Stages in memory that record what was asked of them, and fail where a test wants it. */
export class FakeStages implements WorkspaceStages {
  readonly calls: Call[] = []
  written: readonly StagedFile[] = []
  published: string | undefined
  failAt: Call | undefined
  surveyed: TargetSurvey = {state: 'free'}

  async survey(): Promise<TargetSurvey> {
    this.called('survey')
    return this.surveyed
  }

  async open(target: string): Promise<WorkspaceStage> {
    this.called('open')
    return {
      directory: `${target}.stage`,
      write: async (files) => {
        this.called('write')
        this.written = files
      },
      publish: async () => {
        this.called('publish')
        this.published = target
      },
      discard: async () => {
        this.called('discard')
      },
    }
  }

  private called(call: Call): void {
    this.calls.push(call)
    if (this.failAt === call) throw new Error(`${call} fails`)
  }
}
