import {type ReleaseSecrets} from '../../../domain/config-value.js'
import {referencedFile} from '../../../domain/secret-reference.js'
import {type ReleaseSource} from './release-source.js'

/**
 * Where the tools of other stores are run, with the files of the release that they read; undefined when none is.
 * @throws YardError E_ARTIFACT
 */
export async function secretsDirectory(
  secrets: ReleaseSecrets,
  openSource: () => Promise<ReleaseSource>,
): Promise<string | undefined> {
  const references = Object.values(secrets).flatMap((content) =>
    content.kind === 'reference' ? [content.reference] : [],
  )
  if (references.length === 0) return undefined
  const wanted = new Set(references.map(referencedFile).filter((file) => file !== undefined))
  const source = await openSource()
  const found = source.files.filter(({kind, path}) => kind === 'file' && wanted.has(path))
  // A link may lead to what isn't found under its own name.
  return source.directoryWith(found.length === wanted.size ? found : source.files)
}
