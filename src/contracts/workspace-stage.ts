/** Makes a directory beside its target and publishes it by one rename: the target is complete or not there. */
export interface WorkspaceStages {
  /** What stands where the directory is to appear. @throws YardError E_USAGE when its parent isn't a directory */
  survey(target: string): Promise<TargetSurvey>
  /**
   * An empty stage for the target; stages that killed runs left for the same target are removed first.
   * @throws YardError E_PERMISSION, E_DISK_FULL
   */
  open(target: string): Promise<WorkspaceStage>
}

export interface TargetSurvey {
  /** Only where it is `free`, which an empty directory is, too, can anything be published. */
  state: 'free' | 'occupied' | 'link'
  /** The nearest directory above the target that is a git work tree. */
  insideRepository?: string
}

export interface WorkspaceStage {
  /** Where commands run before the directory is published. */
  readonly directory: string
  /** @throws YardError E_PERMISSION, E_DISK_FULL */
  write(files: readonly StagedFile[]): Promise<void>
  /** One rename. @throws YardError E_TARGET_EXISTS when something took the place meanwhile */
  publish(): Promise<void>
  /** Removes the stage unless it was published. */
  discard(): Promise<void>
}

export interface StagedFile {
  /** Relative, with `/`. */
  path: string
  executable: boolean
  text: string
}
