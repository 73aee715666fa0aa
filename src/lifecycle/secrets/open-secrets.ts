import {type SecretBox} from '../../contracts/secret-box.js'
import {type ReleaseSecrets} from '../../domain/config-value.js'
import {Secret} from '../../domain/secret.js'
import {YardError} from '../../errors.js'
import {type ReferenceNeeds, resolveReference} from './resolve-reference.js'

export interface OpenNeeds extends ReferenceNeeds {
  box: Pick<SecretBox, 'open'>
}

export interface OpenRequest {
  secrets: ReleaseSecrets
  /** The directory of the release. */
  directory: string
  signal?: AbortSignal | undefined
}

export type OpenedSecrets = Readonly<Record<string, Secret>>

/** Opens the secrets of a release where they are used. */
export type SecretOpener = (request: OpenRequest) => Promise<OpenedSecrets>

/**
 * Opens every secret of a release, or none.
 * @throws YardError E_SECRET_IDENTITY, E_SECRET_REFERENCE or E_SECRET_TOOL, naming the variable.
 */
export async function openSecrets(needs: OpenNeeds, request: OpenRequest): Promise<OpenedSecrets> {
  const opened = await Promise.all(
    Object.entries(request.secrets).map(async ([name, content]) => {
      try {
        const value =
          content.kind === 'sealed'
            ? await needs.box.open(content.sealed)
            : await resolveReference(needs, {...request, reference: content.reference})
        return [name, new Secret(value)] as const
      } catch (error) {
        throw error instanceof YardError ? ofVariable(name, content, error) : error
      }
    }),
  )
  return Object.fromEntries(opened)
}

function ofVariable(name: string, content: ReleaseSecrets[string], error: YardError): YardError {
  const {code, details, next, why} = error
  // A tool was only asked for a reference that is of plain characters.
  const place = content.kind === 'reference' && code === 'E_SECRET_TOOL' ? `${content.reference}: ` : ''
  return new YardError(code, {
    what: `Can't open ${name}`,
    why: `${place}${why}`,
    next: [...next],
    ...(details !== undefined && {details}),
  })
}
