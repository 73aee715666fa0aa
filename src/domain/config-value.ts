import * as v from 'valibot'

import {instant, name, text, variableName, variableValue} from './schema.js'

/** Of one sealed value, in its text form. */
export const maxSealedCharacters = 100_000

/** Sealed to the recipients of the platform: an age file in its text form. */
export const sealedText = v.pipe(
  v.string(),
  v.maxLength(maxSealedCharacters),
  v.regex(
    /^-----BEGIN AGE ENCRYPTED FILE-----\n[A-Za-z0-9+/=\n]+-----END AGE ENCRYPTED FILE-----\n?$/,
    'is not sealed',
  ),
)

/** Names a value in another store, such as `secret://op/vault/item/field`. */
const reference = v.pipe(
  v.string(),
  v.maxLength(2_000),
  v.regex(/^secret:\/\/[a-z]+\/[^\0-\x20]+$/, 'is not a reference'),
)

export const configValueSchema = v.pipe(
  v.object({
    v: v.literal(1),
    name: variableName,
    environment: name,
    /** Absent: shared by all services of the environment. */
    service: v.optional(name),
    content: v.variant('kind', [
      v.object({kind: v.literal('plain'), value: variableValue}),
      v.object({kind: v.literal('sealed'), sealed: sealedText}),
      v.object({kind: v.literal('reference'), reference}),
    ]),
    setBy: text,
    setAt: instant,
  }),
)

/** One variable that services of an environment get, set by a person. */
export type ConfigValue = v.InferOutput<typeof configValueSchema>
export type ConfigContent = ConfigValue['content']

export const releaseSecrets = v.record(
  variableName,
  v.variant('kind', [
    v.object({kind: v.literal('sealed'), sealed: sealedText}),
    v.object({kind: v.literal('reference'), reference}),
  ]),
)

/** The secrets of a release by variable name, as they were when it was made. */
export type ReleaseSecrets = v.InferOutput<typeof releaseSecrets>
