import * as v from 'valibot'

export const exportFormat = 'yard-catalog'
export const exportVersion = 1

/** Read before the rest: whether it is an export at all, and of which yard. */
export const exportHeadSchema = v.object({
  format: v.literal(exportFormat),
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
})

export const exportSchema = v.object({
  format: v.literal(exportFormat),
  records: v.array(
    v.strictObject(
      {
        key: v.pipe(v.string('must be text'), v.maxLength(1_000, 'is longer than 1000 characters')),
        record: v.unknown(),
      },
      (issue) => {
        if (issue.expected === 'never') return 'has no place there'
        return issue.received === 'undefined' ? 'is missing' : 'must have a key and a record'
      },
    ),
    'must be a list',
  ),
  version: v.literal(exportVersion),
})

/** The records of a catalog as a file: sorted by key, and the keys of every object sorted, so that it diffs in git. */
export type CatalogExport = v.InferOutput<typeof exportSchema>
export type ExportedRecord = CatalogExport['records'][number]
