import {
  directoriesOf,
  type ManifestFile,
  manifestName,
  objectName,
  type ReleaseManifest,
} from '../../domain/release-manifest.js'

/** Nobody writes into a content: releases share it. */
export const modes = {plain: 0o444, executable: 0o555, directory: 0o755} as const

/** What `sha256sum --check` reads: every file with a content, by its path in the release, but for these contents. */
export function sumsOf(files: readonly ManifestFile[], without: ReadonlySet<string> = new Set()): string {
  return files
    .flatMap((file) =>
      file.kind === 'file' && file.bytes > 0 && !without.has(objectName(file))
        ? [`${file.digest}  ${file.path}\n`]
        : [],
    )
    .join('')
}

/**
 * What `b2sum --check` reads, for contents that were hashed a moment ago, by their names: it takes half the time of
 * `sha256sum` where that has no help of the processor, as in Debian.
 */
export function freshSumsOf(files: readonly ManifestFile[], sums: ReadonlyMap<string, string>): string {
  return files
    .flatMap((file) => {
      const sum = file.kind === 'file' ? sums.get(objectName(file)) : undefined
      return sum === undefined ? [] : [`${sum}  ${file.path}\n`]
    })
    .join('')
}

/** What `find` prints of the release and `sort` puts in order: kind, mode, path, target of a link. */
export function listingOf({files}: Pick<ReleaseManifest, 'files'>): string {
  const lines = [
    `f${modes.plain.toString(8)}\t${manifestName}\t\n`,
    ...directoriesOf(files).map((path) => `d${modes.directory.toString(8)}\t${path}\t\n`),
    ...files.flatMap((file) => {
      if (file.kind === 'directory') return []
      if (file.kind === 'link') return [`l777\t${file.path}\t${file.target}\n`]
      return [`f${(file.executable ? modes.executable : modes.plain).toString(8)}\t${file.path}\t\n`]
    }),
  ]
  const sorted = lines.map((line) => Buffer.from(line)).sort((one, other) => Buffer.compare(one, other))
  return Buffer.concat(sorted).toString()
}
