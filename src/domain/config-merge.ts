import {type ConfigContent, type ConfigValue, type ReleaseSecrets} from './config-value.js'
import {variableNameProblem} from './variable-names.js'

/** Where a variable of a service comes from, the weakest first. */
export const configSources = ['shared', 'service.yaml', 'service'] as const

export type ConfigSource = (typeof configSources)[number]

export interface ConfigLayers {
  /** What all services of the environment get. */
  shared: readonly ConfigValue[]
  /** `env:` of service.yaml. */
  file: Readonly<Record<string, string>>
  /** What was set for this service in the environment. */
  service: readonly ConfigValue[]
}

export interface EffectiveVariable {
  name: string
  content: ConfigContent
  source: ConfigSource
  /** Weaker places that have the name, too, the strongest first. */
  hides: ConfigSource[]
  /** Absent for `service.yaml`, where git knows. */
  setBy?: string
  setAt?: string
}

/**
 * What a service gets, by name: the service's own values win over service.yaml, and that over what is shared. Names
 * that yard gives itself are left out, whoever wrote them.
 */
export function effectiveConfig({file, service, shared}: ConfigLayers): EffectiveVariable[] {
  const fromFile = Object.entries(file).map(([name, value]) => ({name, content: plain(value)}))
  const layers: [ConfigSource, readonly LayerValue[]][] = [
    ['shared', shared],
    ['service.yaml', fromFile],
    ['service', service],
  ]
  const merged = new Map<string, EffectiveVariable>()
  for (const [source, values] of layers) {
    for (const {content, name, setAt, setBy} of values) {
      if (variableNameProblem(name) !== undefined) continue
      const weaker = merged.get(name)
      const hides = weaker === undefined ? [] : [weaker.source, ...weaker.hides]
      merged.set(name, {
        name,
        content,
        source,
        hides,
        ...(setBy !== undefined && {setBy}),
        ...(setAt !== undefined && {setAt}),
      })
    }
  }
  return [...merged.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
}

/** What a release keeps: values that anybody may see, and secrets that are opened where its processes start. */
export function releaseConfig(variables: readonly EffectiveVariable[]): {
  variables: Record<string, string>
  secrets: ReleaseSecrets
} {
  const config: ReturnType<typeof releaseConfig> = {variables: {}, secrets: {}}
  for (const {content, name} of variables) {
    if (content.kind === 'plain') config.variables[name] = content.value
    else config.secrets[name] = content
  }
  return config
}

type LayerValue = Pick<ConfigValue, 'name' | 'content'> & Partial<Pick<ConfigValue, 'setBy' | 'setAt'>>

function plain(value: string): ConfigContent {
  return {kind: 'plain', value}
}
