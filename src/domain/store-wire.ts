import * as v from 'valibot'

/**
 * What a catalog over HTTP answers with. Fields that this yard doesn't know are left out, so that a newer server can
 * add some.
 */
const revision = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

const wireEntry = v.object({
  key: v.string(),
  value: v.string(),
  createRevision: revision,
  modRevision: revision,
  lease: v.exactOptional(v.string()),
})

const wireChange = v.variant('kind', [
  v.object({kind: v.literal('put'), entry: wireEntry}),
  v.object({kind: v.literal('delete'), key: v.string()}),
])

export const wireFound = v.object({entry: v.exactOptional(wireEntry)})
export const wireRange = v.object({revision, entries: v.array(wireEntry)})
export const wireTransacted = v.object({succeeded: v.boolean(), revision})
export const wireChanges = v.object({revision, changes: v.array(wireChange)})
export const wireCompacted = v.object({revision})
export const wireLease = v.object({lease: v.pipe(v.string(), v.minLength(1))})
export const wireRenewed = v.object({renewed: v.boolean()})
export const wireRevoked = v.object({})
export const wireLeaseLeft = v.object({millisLeft: v.exactOptional(v.number())})
export const wireHealth = v.object({
  version: v.string(),
  parts: v.array(v.object({name: v.string(), isHealthy: v.boolean(), detail: v.string()})),
})
export const wireMe = v.object({name: v.string(), role: v.string()})

/** How every refusal of the server looks. */
export const wireError = v.object({
  error: v.object({
    code: v.string(),
    what: v.string(),
    why: v.string(),
    next: v.pipe(v.array(v.string()), v.minLength(1)),
  }),
})
