import {type Platform, platformFileName} from '../domain/platform-file.js'
import {YardError} from '../errors.js'
import {readPlatform} from '../lifecycle/platform/read.js'
import {type Yard} from './yard.js'

/** Reads a platform file. @throws YardError E_PLATFORM_FILE with every problem in it. */
export async function readPlatformFile(file: string): Promise<Platform> {
  const {LocalFiles} = await import('../adapters/files-local/index.js')
  const {YamlDocumentParser} = await import('../adapters/documents-yaml/index.js')
  return readPlatform({files: new LocalFiles(), documents: new YamlDocumentParser()}, file)
}

/**
 * The platform file in use, for commands that are about it. `purpose` follows "Can't".
 * @throws YardError E_PLATFORM_FILE also when there is none.
 */
export async function platformInUse(yard: Yard, purpose: string): Promise<Platform> {
  const platform = await yard.platform()
  if (platform !== undefined) return platform
  throw new YardError('E_PLATFORM_FILE', {
    what: `Can't ${purpose}`,
    why: `there is no ${platformFileName} here, in a directory above, or in your configuration`,
    next: ['yard init', 'yard catalog diff --platform ../platform/yard.yaml'],
  })
}
