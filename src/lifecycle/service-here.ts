import path from 'node:path'

import {type DocumentParser} from '../contracts/documents.js'
import {type Files} from '../contracts/files.js'
import {serviceFileName} from '../domain/service-file.js'
import {YardError} from '../errors.js'
import {readServiceFiles} from './service-file.js'

/**
 * The name of the service whose directory this is, or is inside of.
 * @throws YardError E_SERVICE_FILE
 */
export async function serviceHere(
  needs: {files: Files; documents: DocumentParser},
  directory: string,
  purpose: string,
): Promise<string> {
  for (let place = directory; place !== path.dirname(place); place = path.dirname(place)) {
    if (!(await needs.files.exists(path.join(place, serviceFileName)))) continue
    return (await readServiceFiles(needs, {directory: place, purpose})).service.name
  }
  throw new YardError('E_SERVICE_FILE', {
    what: `Can't ${purpose}`,
    why: `no service is named, and ${directory} isn't inside the directory of one: there's no ${serviceFileName}`,
    next: ['yard services list   # then name one', 'cd into the directory of the service'],
  })
}
