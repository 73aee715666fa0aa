import path from 'node:path'

import {type DocumentParser} from '../../contracts/documents.js'
import {type Files} from '../../contracts/files.js'
import {type Report} from '../../contracts/report.js'
import {serviceFileName} from '../../domain/service-file.js'
import {YardError} from '../../errors.js'
import {readServiceFiles} from '../service-file.js'

export interface FileVariablesNeeds {
  files: Files
  documents: DocumentParser
  report: Report
}

/**
 * `env:` of the service's service.yaml when this is its directory, or one inside of it; nothing of it elsewhere, which
 * is reported.
 */
export async function fileVariables(
  needs: FileVariablesNeeds,
  directory: string,
  service: string | undefined,
): Promise<Record<string, string>> {
  if (service === undefined) return {}
  for (let place = directory; ; place = path.dirname(place)) {
    if (await needs.files.exists(path.join(place, serviceFileName))) {
      const variables = await readAt(needs, place, service)
      if (variables !== undefined) return variables
    }
    if (place === path.dirname(place)) break
  }
  needs.report({
    kind: 'note',
    text: `what service.yaml sets is shown only in the directory of ${service}`,
  })
  return {}
}

/** Undefined when the file is of another service, or can't be used. */
async function readAt(
  needs: FileVariablesNeeds,
  directory: string,
  name: string,
): Promise<Record<string, string> | undefined> {
  try {
    const {service} = await readServiceFiles(needs, {
      directory,
      purpose: 'read the variables of this service',
    })
    return service.name === name ? service.variables : undefined
  } catch (error) {
    if (!(error instanceof YardError)) throw error
    return undefined
  }
}
