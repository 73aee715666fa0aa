import {type SecretBox} from '../../contracts/secret-box.js'
import {type EffectiveVariable} from '../../domain/config-merge.js'
import {YardError} from '../../errors.js'
import {type ConfigListNeeds, type ConfigListRequest, readEffective} from './list.js'
import {unknownVariable} from './unset.js'

export interface ConfigGetNeeds extends ConfigListNeeds {
  box: () => Promise<Pick<SecretBox, 'open'>>
}

export interface ConfigGetRequest extends ConfigListRequest {
  name: string
  /** Opens a secret with the identity on this machine. */
  reveal: boolean
}

export interface ConfigGetReport {
  name: string
  kind: EffectiveVariable['content']['kind']
  source: EffectiveVariable['source']
  /** The value, or the text of a reference. */
  value: string
}

/**
 * The value that the next release of a service gets. A secret only when that is asked for in so many words.
 * @throws YardError E_CONFIG_UNKNOWN, E_USAGE for a secret, E_SECRET_IDENTITY
 */
export async function getConfig(needs: ConfigGetNeeds, request: ConfigGetRequest): Promise<ConfigGetReport> {
  const variables = await readEffective(needs, request)
  const variable = variables.find(({name}) => name === request.name)
  if (variable === undefined) {
    throw unknownVariable(
      request,
      request.name,
      variables.map(({name}) => name),
    )
  }
  const {content, name, source} = variable
  return {name, kind: content.kind, source, value: await valueOf(needs, request, content)}
}

async function valueOf(
  needs: ConfigGetNeeds,
  request: ConfigGetRequest,
  content: EffectiveVariable['content'],
): Promise<string> {
  if (content.kind === 'plain') return content.value
  if (content.kind === 'reference') return content.reference
  if (request.reveal) return (await needs.box()).open(content.sealed)
  const place = request.service ?? '--shared'
  throw new YardError('E_USAGE', {
    what: `Can't show ${request.name}`,
    why: 'it is a secret, and it would stay in the terminal and in logs',
    next: [`yard config get ${place} ${request.name} --env ${request.environment} --reveal`],
  })
}
