import * as v from 'valibot'

/** Pieces that the schemas of `service.yaml` and `yard.yaml` share: free of transformations, with messages for people. */
/** With what an editor shows of it. */
export const described = <S extends v.GenericSchema>(
  schema: S,
  description: string,
  examples: readonly v.InferInput<S>[] = [],
) => v.pipe(schema, v.metadata({description, ...(examples.length > 0 && {examples})}))

export const group = <E extends v.ObjectEntries>(entries: E) =>
  v.strictObject(entries, (issue) =>
    issue.received === 'undefined' ? 'is missing' : 'must be a group of keys and values',
  )

export const list = <S extends v.GenericSchema>(item: S, most = 100) =>
  v.pipe(v.array(item, 'must be a list'), v.maxLength(most, `must have at most ${most} entries`))

const numberOf = (what: string, least: number, most: number) => {
  const message = `must be a ${what} from ${least} to ${most}`
  return v.pipe(v.number(message), v.integer(message), v.minValue(least, message), v.maxValue(most, message))
}

export const wholeNumber = (least: number, most: number) => numberOf('whole number', least, most)

export const portNumber = numberOf('port number', 1, 65_535)

export const line = (example: string) =>
  v.pipe(
    v.string(`must be text such as ${example}`),
    v.minLength(1, 'must not be empty'),
    v.maxLength(1_000, 'must be at most 1000 characters'),
    v.regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'must not hold control characters'),
  )

export const flag = v.boolean('must be true or false')

export const duration = v.pipe(
  v.string('must be a time such as 30s, 500ms or 2m'),
  v.regex(/^(?:[0-9]{1,9}(?:\.[0-9]{1,3})?(?:ms|s|m|h))+$/, 'must be a time such as 30s, 500ms or 2m'),
)

export const byteSize = (example: string) =>
  v.pipe(
    v.string(`must be a size such as ${example}`),
    v.regex(/^[1-9][0-9]{0,5}(?:kB|MB|GB)$/, `must be a size such as 500kB, ${example} or 2GB`),
  )

export const command = v.pipe(
  v.string('must be a command line'),
  v.minLength(1, 'must not be empty'),
  v.maxLength(2_000, 'must be at most 2000 characters'),
  v.regex(/^[^\0]*$/, 'holds a NUL'),
)

const hook = group({
  run: described(command, 'The command line.'),
  timeout: v.optional(described(duration, 'How long it may take. 5m unless given.')),
})

const hookLines = list(v.union([command, hook], 'must be a command line, or a group with `run`'), 20)

/** As `hooks:` is written in both files. */
export const writtenHooks = group({
  beforeBuild: v.optional(described(hookLines, 'Before the build; one that fails stops the deploy.')),
  beforeDeploy: v.optional(
    described(hookLines, 'Before the first host is changed; one that fails stops the deploy.'),
  ),
  afterDeploy: v.optional(described(hookLines, 'Once the release is live.')),
  onFailure: v.optional(described(hookLines, 'After a failed deploy, once what was there is back.')),
  onRollback: v.optional(described(hookLines, 'Once a release from before is live again.')),
})

const normalHookLines = v.optional(list(hook, 20))

/** The same with every hook as a group: problems in it then have a place. */
export const normalHooks = group({
  beforeBuild: normalHookLines,
  beforeDeploy: normalHookLines,
  afterDeploy: normalHookLines,
  onFailure: normalHookLines,
  onRollback: normalHookLines,
})

export type WrittenHooks = v.InferOutput<typeof normalHooks>
