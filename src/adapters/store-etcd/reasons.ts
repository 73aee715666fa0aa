import {type EtcdTls} from './options.js'

/** Why a connection did not work, as a clause that follows the member's address. */
export function reasonOf(error: unknown, tls: EtcdTls | undefined): string {
  const {code = '', message = ''} = error as {code?: string; message?: string}
  const known = reasons[code]
  if (known !== undefined) return known
  if (isAboutClientCertificate(error)) {
    return tls?.certificate === undefined
      ? 'wants a client certificate, and none was given'
      : "doesn't accept the client certificate"
  }
  if (
    code === 'ERR_SSL_WRONG_VERSION_NUMBER' ||
    code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG' ||
    code === 'EPROTO'
  ) {
    return "doesn't speak TLS on this port, and the catalog's URL asks for it"
  }
  if (code.startsWith('HPE_')) return 'answered with something that is not HTTP'
  return `can't be used (${code === '' ? message : code})`
}

/** A member's refusal of the client's certificate, or of its lack. */
export function isAboutClientCertificate(error: unknown): boolean {
  const {code = ''} = error as {code?: string}
  const alert = /^ERR_SSL_.*ALERT_(\w+)$/.exec(code)?.[1] ?? ''
  return certificateAlerts.has(alert)
}

const certificateAlerts: ReadonlySet<string> = new Set([
  'BAD_CERTIFICATE',
  'CERTIFICATE_EXPIRED',
  'CERTIFICATE_REQUIRED',
  'CERTIFICATE_REVOKED',
  'CERTIFICATE_UNKNOWN',
  'HANDSHAKE_FAILURE',
  'UNKNOWN_CA',
  'UNSUPPORTED_CERTIFICATE',
])

const broken = 'broke the connection off'
const unknownAuthority = 'shows a certificate that none of the trusted authorities signed'
const unreachable = "can't be reached over the network"

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection',
  ECONNRESET: broken,
  EPIPE: broken,
  ERR_STREAM_PREMATURE_CLOSE: broken,
  ENOTFOUND: 'has a name that nobody knows',
  EAI_AGAIN: 'has a name that nobody could look up',
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  EADDRNOTAVAIL: unreachable,
  ETIMEDOUT: "didn't accept the connection in time",
  CERT_HAS_EXPIRED: 'shows a certificate that has expired',
  CERT_NOT_YET_VALID: 'shows a certificate that is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  CERT_SIGNATURE_FAILURE: unknownAuthority,
  ERR_TLS_CERT_ALTNAME_INVALID: 'shows a certificate for another name',
}
