import {printable} from '../../domain/names.js'
import {YardError} from '../../errors.js'

/**
 * The address of a server that a token may be sent to.
 * @throws YardError E_CATALOG_URL when it isn't one of http or https, or when a token would cross the network readable.
 */
export function serverAddress(text: string, token: string | undefined): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '')
    throw refused(text, 'it is not an address of http or https')
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw refused(url.origin, 'an address with a user, a password, a question or a fragment names no catalog')
  if (token !== undefined && url.protocol === 'http:' && !isLoopbackName(url.hostname)) {
    throw new YardError('E_CATALOG_URL', {
      what: `Can't send the token to ${printable(text)}`,
      why: 'over http to another machine everybody on the way could read it',
      next: [`use https: export YARD_CATALOG=${text.replace(/^http:/, 'https:')}`],
    })
  }
  return url
}

/**
 * The token, fit for a header.
 * @throws YardError E_CATALOG_AUTH
 */
export function usableToken(token: string | undefined): string | undefined {
  if (token === undefined || /^[\x21-\x7e]{1,500}$/.test(token)) return token
  throw new YardError('E_CATALOG_AUTH', {
    what: "Can't use the token for the catalog",
    why: 'it holds spaces, line breaks or characters that no token has',
    next: ['export YARD_TOKEN=yard_…   # as "yard tokens create" printed it'],
  })
}

function isLoopbackName(hostname: string): boolean {
  return /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname)
}

function refused(text: string, why: string): YardError {
  return new YardError('E_CATALOG_URL', {
    what: `Can't open the catalog ${printable(text)}`,
    why,
    next: ['export YARD_CATALOG=https://yard.example.org'],
  })
}
