import * as v from 'valibot'

import {isName, suggestName} from './names.js'
import {check, type Problem, text} from './schema.js'
import {type Service} from './service.js'

const words = v.string((issue) => (issue.received === 'undefined' ? 'is missing' : 'must be text'))

const group = <E extends v.ObjectEntries>(entries: E) =>
  v.object(entries, (issue) =>
    issue.received === 'undefined' ? 'is missing' : 'must be a group of keys and values',
  )

/** What yard reads of an entity of Backstage's catalog; everything else in it is left alone. */
const entitySchema = group({
  apiVersion: v.pipe(words, v.regex(/^backstage\.io\//, 'is not the version of a Backstage entity')),
  kind: words,
  metadata: group({
    name: words,
    description: v.optional(text),
    annotations: v.optional(v.record(v.string(), words)),
  }),
  spec: v.optional(
    group({
      type: v.optional(words),
      owner: v.optional(text),
      dependsOn: v.optional(v.array(words)),
      consumesApis: v.optional(v.array(words)),
      providesApis: v.optional(v.array(words)),
    }),
  ),
})

/** A service as a Backstage Component describes it. */
export interface DescribedService {
  name: string
  owner: string
  description: string
  repository?: string
  /** Services it depends on; APIs it consumes are named by `consumes`, because only the other components say whose they are. */
  calls: string[]
  consumes: string[]
  provides: string[]
}

export type ReadEntity =
  | {kind: 'service'; service: DescribedService}
  | {kind: 'other'; name: string; what: string}
  | {kind: 'bad'; problems: Problem[]}

const annotations = {
  location: 'backstage.io/source-location',
  slug: 'github.com/project-slug',
  /** What Backstage has no words for. */
  owner: 'yard/owner',
  repository: 'yard/repository',
} as const

/** Reads one entity; what isn't a Component of type service is something else, and no mistake. */
export function readEntity(value: unknown): ReadEntity {
  const checked = check(entitySchema, value)
  if (!checked.ok) return {kind: 'bad', problems: checked.problems}
  const {kind, metadata, spec = {}} = checked.value
  const {name} = metadata
  if (kind !== 'Component') return {kind: 'other', name, what: kind}
  if (spec.type !== 'service') return {kind: 'other', name, what: `component of type ${spec.type ?? 'none'}`}
  if (!isName(name)) return {kind: 'bad', problems: [misnamed(name)]}
  const notes = metadata.annotations ?? {}
  const repository = repositoryIn(notes)
  return {
    kind: 'service',
    service: {
      name,
      owner: notes[annotations.owner] ?? withoutDefaults(spec.owner ?? 'unknown'),
      description: metadata.description ?? '',
      ...(repository !== undefined && {repository}),
      calls: referred(spec.dependsOn, 'component'),
      consumes: referred(spec.consumesApis, 'api', 'api'),
      provides: referred(spec.providesApis, 'api', 'api'),
    },
  }
}

/** The Component that Backstage knows the service by. */
export function componentOf(service: Service): object {
  const {calls = [], description, name, owner, repository} = service
  const isWeb = repository !== undefined && /^https?:\/\/[^\s@]+$/.test(repository)
  const isReference = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/.test(owner)
  const notes = {
    ...(isWeb && {[annotations.location]: `url:${repository}`}),
    ...(!isReference && {[annotations.owner]: owner}),
    ...(repository !== undefined && !isWeb && {[annotations.repository]: repository}),
  }
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: {
      name,
      ...(description !== '' && {description}),
      ...(Object.keys(notes).length > 0 && {annotations: notes}),
    },
    spec: {
      type: 'service',
      lifecycle: 'production',
      owner: isReference ? owner : asReference(owner),
      ...(calls.length > 0 && {dependsOn: calls.map((call) => `component:${call}`)}),
    },
  }
}

function misnamed(name: string): Problem {
  const suggestion = suggestName(name)
  const rule = 'must be 1 to 40 lower-case letters, digits and single dashes, starting with a letter'
  return {
    path: ['metadata', 'name'],
    message: suggestion === undefined ? rule : `${rule}; try ${suggestion}`,
  }
}

/** Where the source is, without a user or password that someone left in the address. */
function repositoryIn(notes: Readonly<Record<string, string>>): string | undefined {
  const {[annotations.location]: location, [annotations.slug]: slug} = notes
  const given = notes[annotations.repository] ?? location?.replace(/^url:/, '')
  const address = given ?? (slug === undefined ? undefined : `https://github.com/${slug}`)
  return address?.slice(0, 2_000).replace(/^([a-z+]+:\/\/)[^/]*@/, '$1')
}

/** `component:default/identity` is identity. Entities of other kinds, and what is no reference, are left out. */
function referred(references: readonly string[] = [], wanted: string, otherwise?: string): string[] {
  const names = references.flatMap((reference) => {
    const match = /^(?:([A-Za-z]+):)?(?:[a-z0-9-]+\/)?([A-Za-z0-9._-]{1,63})$/i.exec(reference)
    return (match?.[1]?.toLowerCase() ?? otherwise) === wanted ? [match?.[2] ?? ''] : []
  })
  return [...new Set(names)].sort()
}

function withoutDefaults(owner: string): string {
  return owner.replace(/^(?:group|user):/i, '').replace(/^default\//, '')
}

function asReference(owner: string): string {
  const cleaned = owner
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .slice(0, 63)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '')
  return cleaned === '' ? 'unknown' : cleaned
}
