import {
  directoriesOf,
  type ManifestFile,
  manifestName,
  type ReleaseManifest,
} from '../../domain/release-manifest.js'

/** Nobody writes into a content: releases share it. */
export const modes = {plain: 0o444, executable: 0o555, directory: 0o755} as const

/** What `sha256sum --check` reads: every file with a content, by its path in the release. */
export function sumsOf(files: readonly ManifestFile[]): string {
  return files
    .flatMap((file) => (file.kind === 'file' && file.bytes > 0 ? [`${file.digest}  ${file.path}\n`] : []))
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
