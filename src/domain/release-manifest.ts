import * as v from 'valibot'

import {directoryOf, staysInside} from './release-path.js'
import {commit, count, digest, instant, name, text} from './schema.js'

/** Relative, with `/`; nothing in it leads out of the release. */
const releasePath = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(1_000),
  v.regex(
    /^(?!\/)(?!.*(?:^|\/)\.{0,2}(?:\/|$))[^\u0000-\u001f\u007f-\u009f\\]+$/,
    'is not a path of a release',
  ),
)

const linkTarget = v.pipe(
  text,
  v.minLength(1),
  v.regex(/^[^\u0000-\u001f\u007f-\u009f\\]+$/, 'is not a path'),
)

export const manifestFileSchema = v.variant('kind', [
  v.strictObject({kind: v.literal('file'), path: releasePath, digest, bytes: count, executable: v.boolean()}),
  v.strictObject({kind: v.literal('link'), path: releasePath, target: linkTarget}),
  /** Only those that hold nothing: the others are there because of what they hold. */
  v.strictObject({kind: v.literal('directory'), path: releasePath}),
])

export const manifestFilesSchema = v.array(manifestFileSchema)

export const releaseManifestSchema = v.object({
  v: v.literal(1),
  service: name,
  release: v.pipe(v.number(), v.integer(), v.minValue(1)),
  environment: name,
  commit,
  artifact: digest,
  /** Of the variables and the sealed secrets: another configuration is another release. */
  configDigest: digest,
  by: text,
  createdAt: instant,
  /** The release that had the traffic when this one was made. */
  parent: v.optional(count),
  /** Sorted by path. */
  files: manifestFilesSchema,
})

/** `release.json` of a release on a host: what it is, and every file of it. */
export type ReleaseManifest = v.InferOutput<typeof releaseManifestSchema>
export type ManifestFile = v.InferOutput<typeof manifestFileSchema>
/** A file whose content is more than nothing: the only kind that is sent and kept by content. */
export type ContentFile = Extract<ManifestFile, {kind: 'file'}>

/** The file on a host that says what a release is. */
export const manifestName = 'release.json'

/** What the files of a release must not be, each for itself right: as one clause, with the path it is about. */
export function manifestFault(files: readonly ManifestFile[]): {path: string; why: string} | undefined {
  const kinds = new Map<string, ManifestFile['kind']>()
  const folded = new Map<string, string>()
  for (const file of files) {
    const {kind, path} = file
    const twin = folded.get(path.toLowerCase())
    if (twin === path) return {path, why: 'is there twice'}
    if (twin !== undefined) return {path, why: `differs from ${twin} only by case`}
    if (path === manifestName) return {path, why: 'has the name of the file that yard adds to each release'}
    if (kind === 'link' && !staysInside(file.target, directoryOf(path))) {
      return {path, why: 'is a link to a place outside of the release'}
    }
    folded.set(path.toLowerCase(), path)
    kinds.set(path, kind)
  }
  for (const path of kinds.keys()) {
    const holder = directoriesAbove(path).find((above) => kinds.has(above))
    if (holder !== undefined)
      return {path, why: `is below ${holder}, which is no directory that holds something`}
  }
  return undefined
}

/** What a host calls the content of a file: an executable is another one, because links of one file share its mode. */
export function objectName({
  digest: content,
  executable,
}: Pick<ContentFile, 'digest' | 'executable'>): string {
  return executable ? `${content}.x` : content
}

/** The contents of a release, each once, by name. An empty file has none: to make it is cheaper than to look for it. */
export function objectsOf(files: readonly ManifestFile[]): Map<string, ContentFile> {
  const objects = new Map<string, ContentFile>()
  for (const file of files) {
    if (file.kind === 'file' && file.bytes > 0) objects.set(objectName(file), file)
  }
  return objects
}

/** Every directory of a release, those above first. */
export function directoriesOf(files: readonly ManifestFile[]): string[] {
  const directories = new Set<string>()
  for (const {kind, path} of files) {
    for (const above of directoriesAbove(path)) directories.add(above)
    if (kind === 'directory') directories.add(path)
  }
  return [...directories].sort()
}

/** Of `a/b/c`: `a`, `a/b`. */
function directoriesAbove(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}
