/** A git repository on this machine. Refs and paths from outside are never taken for options. */
export interface SourceRepository {
  /** The top directory of the work tree that holds `directory`, or undefined outside of any. */
  findRoot(directory: string): Promise<string | undefined>
  /** The commit a ref means, or undefined when there is none. */
  resolve(root: string, ref: string): Promise<string | undefined>
  /** Paths with uncommitted changes, untracked files included. */
  changedPaths(root: string): Promise<string[]>
  currentBranch(root: string): Promise<string | undefined>
  /** The URL of the remote `origin`, without credentials. */
  originUrl(root: string): Promise<string | undefined>
  /** Writes the files of a commit into an empty directory, without history. */
  exportCommit(root: string, commit: string, directory: string): Promise<void>
  /** Writes the tracked and untracked, not ignored, files of the work tree into an empty directory. */
  exportWorkTree(root: string, directory: string): Promise<void>
  /** Makes a repository with one commit of everything in the directory, whatever the user's git configuration says. Returns the commit. */
  createWithFirstCommit(directory: string, message: string): Promise<string>
  /** `Name <email>` from git's configuration, when there is one. */
  identity(directory: string): Promise<string | undefined>
}
