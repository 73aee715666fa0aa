/** The files of the user's work tree. Paths are absolute. */
export interface Files {
  /** Undefined when there is no such file. @throws YardError E_PERMISSION when it can't be read, E_FILE_TOO_LARGE. */
  readText(path: string, maxBytes: number): Promise<string | undefined>
  /**
   * Appears complete or not at all.
   * @param mode of the file, whatever it was before; what it was, or what the system gives new files, unless given
   * @throws YardError E_PERMISSION, E_DISK_FULL
   */
  writeText(path: string, text: string, mode?: number): Promise<void>
  exists(path: string): Promise<boolean>
  /** Absolute paths of files below `directory` that match the globs, sorted; links out of the directory are left out. */
  find(directory: string, globs: readonly string[]): Promise<string[]>
  /** Names in a directory, sorted; undefined when it isn't there. */
  list(directory: string): Promise<string[] | undefined>
}
