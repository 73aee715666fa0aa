/** What yard asks of the computer it runs on. */
export interface Machine {
  readonly nodeVersion: string
  /** The first line a program prints for `--version` or the like; undefined when it can't be run. */
  versionOf(file: string, args: readonly string[]): Promise<string | undefined>
  /** Whether nothing listens on this address. */
  isPortFree(address: string, port: number): Promise<boolean>
  /** Whether files can be written in the directory, or in the one that it would be made in. */
  isWritable(directory: string): Promise<boolean>
  /** Bytes left on the disk of the directory, or of the one that it would be made in. */
  freeBytes(directory: string): Promise<number>
  /** Sends SIGTERM; false when there is no such process. */
  terminate(pid: number): boolean
}
