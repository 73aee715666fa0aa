import tls from 'node:tls'

import {YardError} from '../../errors.js'
import {type EtcdTls} from './options.js'

/**
 * What every connection uses, read once.
 * @throws YardError E_CATALOG_AUTH for what is no certificate or no key, or for two that don't belong together
 */
export function secureContextOf({ca, certificate, key}: EtcdTls): tls.SecureContext {
  try {
    // One at a time, so that the one that is wrong can be named.
    named('the certificate of the authority', {...(ca === undefined ? {} : {ca})})
    named('the client certificate', {...(certificate === undefined ? {} : {cert: certificate})})
    named('the key of the client certificate', {...(key === undefined ? {} : {key})})
    return named('the client certificate', {
      ...(ca === undefined ? {} : {ca}),
      ...(certificate === undefined ? {} : {cert: certificate}),
      ...(key === undefined ? {} : {key}),
    })
  } catch (error) {
    if (!(error instanceof Unusable)) throw error
    throw new YardError('E_CATALOG_AUTH', {
      what: "Can't use the certificates for etcd",
      why: error.message,
      next: [
        'openssl x509 -noout -subject -in CERTIFICATE   # shows whose it is',
        'openssl pkey -noout -check -in KEY',
      ],
      cause: error.cause,
    })
  }
}

class Unusable extends Error {}

function named(name: string, options: tls.SecureContextOptions): tls.SecureContext {
  try {
    // A text without any certificate would be taken, and then trust nobody.
    if (typeof options.ca === 'string' && !options.ca.includes('-----BEGIN')) throw new Error('no PEM')
    return tls.createSecureContext(options)
  } catch (error) {
    const isMismatch = (error as {code?: string}).code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH'
    const why = isMismatch ? 'does not belong to the key' : 'is no readable PEM text'
    throw new Unusable(`${name} ${why}`, {cause: error})
  }
}
