import path from 'node:path'

import {printable} from '../domain/names.js'
import {YardError} from '../errors.js'

/**
 * The file of a `sqlite:` URL, absolute.
 * @throws YardError E_CATALOG_URL for anything else.
 */
export function parseCatalogUrl(url: string): string {
  const file = /^sqlite:(?:\/\/(?=\/))?([^\0]+)$/.exec(url)?.[1]
  if (file !== undefined) return path.resolve(file)
  throw new YardError('E_CATALOG_URL', {
    what: `Can't open the catalog ${printable(url)}`,
    why: 'a catalog is a file named by a URL such as sqlite:/srv/yard/catalog.db',
    next: ['unset YARD_CATALOG to use the catalog in your state directory'],
  })
}
