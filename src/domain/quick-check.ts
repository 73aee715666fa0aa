/**
 * Says at once that a value follows a schema, in the time that valibot needs for one field: a catalog holds tens of
 * thousands of records, and each is checked on every read. Made of valibot's own schemas, so that there is one
 * truth. Only a yes counts: whatever is refused here is for valibot to judge and to explain.
 */
export type QuickCheck = (value: unknown) => boolean

const made = new WeakMap<object, {quick: QuickCheck | undefined}>()

/**
 * A check that accepts a value only when valibot would accept it and give back its equal, so that the value itself
 * can be used. It refuses valid values of unusual form, such as objects whose keys are in another order than the
 * schema's. Undefined when the schema has a part that isn't known here.
 */
export function quickCheckOf(schema: object): QuickCheck | undefined {
  let entry = made.get(schema)
  if (entry === undefined) made.set(schema, (entry = {quick: checkOf(schema as Part)}))
  return entry.quick
}

/** A schema or an action of valibot, as far as it is looked into. */
interface Part {
  kind: string
  type: string
  pipe?: readonly Part[]
  entries?: Readonly<Record<string, Part>>
  wrapped?: Part
  default?: unknown
  fallback?: unknown
  item?: Part
  key?: Part | string
  value?: Part
  literal?: unknown
  options?: readonly unknown[]
  requirement?: unknown
}

function checkOf(part: Part): QuickCheck | undefined {
  if (part.fallback !== undefined) return undefined
  return part.pipe === undefined ? checkOfType(part) : checkOfPipe(part.pipe)
}

function checkOfType(part: Part): QuickCheck | undefined {
  switch (part.type) {
    case 'string':
      return isString
    case 'number':
      return isNumber
    case 'boolean':
      return isBoolean
    case 'literal':
      return (value) => value === part.literal
    case 'picklist':
      return picklistCheck(part.options ?? [])
    case 'optional':
      return optionalCheck(part)
    case 'object':
    case 'strict_object':
      return objectCheck(part.entries ?? {})
    case 'array':
      return arrayCheck(part.item)
    case 'record':
      return recordCheck(part.key, part.value)
    case 'variant':
      return variantCheck(part)
    case 'union':
      return unionCheck(part)
    default:
      return undefined
  }
}

const isString: QuickCheck = (value) => typeof value === 'string'
const isNumber: QuickCheck = (value) => typeof value === 'number' && !Number.isNaN(value)
const isBoolean: QuickCheck = (value) => typeof value === 'boolean'

function picklistCheck(options: readonly unknown[]): QuickCheck {
  return (value) => options.includes(value)
}

function optionalCheck(part: Part): QuickCheck | undefined {
  const inner = part.wrapped && checkOf(part.wrapped)
  if (inner === undefined || part.default !== undefined) return undefined
  return (value) => value === undefined || inner(value)
}

/** The value itself is the answer, so it holds the schema's keys, in their order, and nothing else. */
function objectCheck(entries: Readonly<Record<string, Part>>): QuickCheck | undefined {
  const names = Object.keys(entries)
  const checks = allOf(Object.values(entries).map(checkOf))
  if (checks === undefined) return undefined
  const canBeAbsent = Object.values(entries).map(({type}) => type === 'optional')
  return (value) => {
    if (!isPlainObject(value)) return false
    let index = 0
    for (const key in value) {
      while (names[index] !== key) {
        if (canBeAbsent[index] !== true) return false
        index += 1
      }
      const check = checks[index]
      if (check === undefined || !check(value[key])) return false
      index += 1
    }
    while (canBeAbsent[index] === true) index += 1
    return index === names.length
  }
}

function arrayCheck(item: Part | undefined): QuickCheck | undefined {
  const inner = item && checkOf(item)
  if (inner === undefined) return undefined
  return (value) => {
    if (!Array.isArray(value)) return false
    for (let index = 0; index < value.length; index += 1) if (!inner(value[index])) return false
    return true
  }
}

function recordCheck(key: Part | string | undefined, value: Part | undefined): QuickCheck | undefined {
  const keyCheck = typeof key === 'object' ? checkOf(key) : undefined
  const valueCheck = value && checkOf(value)
  if (keyCheck === undefined || valueCheck === undefined) return undefined
  return (candidate) => {
    if (!isPlainObject(candidate)) return false
    for (const name in candidate) {
      if (!keyCheck(name) || leftOutByValibot.has(name) || !valueCheck(candidate[name])) return false
    }
    return true
  }
}

/** A record of valibot drops these names without a word. */
const leftOutByValibot = new Set(['__proto__', 'prototype', 'constructor'])

/** Of options that differ in one literal at most one can accept, so their order means nothing. */
function variantCheck({key, options}: Part): QuickCheck | undefined {
  if (typeof key !== 'string') return undefined
  const parts = (options ?? []) as readonly Part[]
  const discriminators = parts.map(({entries}) => entries?.[key])
  const literals = new Set(discriminators.map((part) => part?.literal))
  if (discriminators.some((part) => part?.type !== 'literal') || literals.size < parts.length)
    return undefined
  const checks = allOf(parts.map(checkOf))
  return checks && ((value) => checks.some((check) => check(value)))
}

/** Of options that change nothing: which of them accepts a value makes no difference then. */
function unionCheck({options}: Part): QuickCheck | undefined {
  const parts = (options ?? []) as readonly Part[]
  if (!parts.every(({type}) => type === 'strict_object' || type === 'string' || type === 'number'))
    return undefined
  const checks = allOf(parts.map(checkOf))
  return checks && ((value) => checks.some((check) => check(value)))
}

function checkOfPipe([first, ...actions]: readonly Part[]): QuickCheck | undefined {
  const validations = actions.filter(({kind}) => kind !== 'metadata')
  const root = first && checkOf(first)
  const checks = allOf(validations.map(checkOfAction))
  if (root === undefined || checks === undefined) return undefined
  const [one, two] = checks
  if (one === undefined) return root
  if (two !== undefined) return (value) => root(value) && checks.every((check) => check(value))
  const pattern = validations[0]?.requirement
  if (root !== isString || !(pattern instanceof RegExp)) return (value) => root(value) && one(value)
  // Most fields are texts with a pattern.
  return (value) => typeof value === 'string' && pattern.test(value)
}

function checkOfAction({kind, type, requirement}: Part): QuickCheck | undefined {
  if (kind !== 'validation') return undefined
  switch (type) {
    case 'regex':
    case 'iso_timestamp':
      return patternCheck(requirement as RegExp)
    case 'integer':
    case 'check':
      return requirement as QuickCheck
    case 'min_value':
      return (value) => (value as number) >= (requirement as number)
    case 'max_value':
      return (value) => (value as number) <= (requirement as number)
    case 'min_length':
      return (value) => (value as string | unknown[]).length >= (requirement as number)
    case 'max_length':
      return (value) => (value as string | unknown[]).length <= (requirement as number)
    default:
      return undefined
  }
}

/** A global or sticky pattern remembers where it was, and so gives two answers to one question. */
function patternCheck(pattern: RegExp): QuickCheck | undefined {
  if (pattern.global || pattern.sticky) return undefined
  return (value) => pattern.test(value as string)
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

function allOf(checks: readonly (QuickCheck | undefined)[]): QuickCheck[] | undefined {
  return checks.every((check) => check !== undefined) ? [...checks] : undefined
}
