export interface FleetSettings {
  /** Of this fleet alone: what is remembered of it, and its keys. */
  directory: string
  /** Where the files that all hosts start from are kept for the next fleet. */
  cache: string
  /** What programs of this machine get: PATH, and a proxy for downloads. */
  variables: Readonly<Record<string, string>>
  /** A program of this machine that every host has as `/usr/local/bin/node`. */
  node: string | undefined
  /** Where Debian's packages come from, unless it's Debian's own place. */
  mirror?: string | undefined
  /** Everything ends with the program that started it, however that ends. */
  endsWithProgram?: boolean
  /** Of the disk of a host. Default 2048. */
  diskMegabytes?: number
}
