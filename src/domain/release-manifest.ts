import * as v from 'valibot'

import {commit, count, digest, instant, name, text} from './schema.js'

/** Relative, with `/`; nothing in it leads out of the release. */
const releasePath = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(1_000),
  v.regex(/^(?!\/)(?!.*(?:^|\/)\.{0,2}(?:\/|$))[^\u0000-\u001f\u007f\\]+$/, 'is not a path of a release'),
)

export const manifestFileSchema = v.variant('kind', [
  v.strictObject({kind: v.literal('file'), path: releasePath, digest, bytes: count, executable: v.boolean()}),
  v.strictObject({kind: v.literal('link'), path: releasePath, target: v.pipe(text, v.minLength(1))}),
])

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
  files: v.array(manifestFileSchema),
})

/** `release.json` of a release on a host: what it is, and every file of it. */
export type ReleaseManifest = v.InferOutput<typeof releaseManifestSchema>
export type ManifestFile = v.InferOutput<typeof manifestFileSchema>
