export interface FieldChange {
  /** Such as `owner` or `processes.web`. */
  field: string
  before?: string
  after?: string
}

/** What differs between two records, given as texts by field. Sorted by field. */
export function fieldChanges(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): FieldChange[] {
  const fields = [...new Set([...before.keys(), ...after.keys()])].sort()
  return fields.flatMap((field) => {
    const [was, is] = [before.get(field), after.get(field)]
    if (was === is) return []
    return [{field, ...(was !== undefined && {before: was}), ...(is !== undefined && {after: is})}]
  })
}

/** Fields without a value are left out. */
export function fieldTexts(
  fields: Readonly<Record<string, string | number | boolean | undefined>>,
): Map<string, string> {
  return new Map(
    Object.entries(fields).flatMap(([field, value]) => (value === undefined ? [] : [[field, textOf(value)]])),
  )
}

function textOf(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)
}
