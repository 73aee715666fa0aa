import {createPrivateKey, type KeyObject, X509Certificate} from 'node:crypto'

/** What keeps a PEM text from being a certificate with its private key; undefined when it is one. */
export function certificateProblem(pem: string): string | undefined {
  const [text] = certificatesIn(pem)
  if (text === undefined) return 'holds no certificate'
  const key = privateKeyIn(pem)
  if (typeof key === 'string') return key
  const certificate = parsed(text)
  if (certificate === undefined) return 'holds a certificate that is damaged'
  if (certificatesIn(pem).some((each) => parsed(each) === undefined)) return 'has a damaged chain'
  return certificate.checkPrivateKey(key) ? undefined : 'has a private key of another certificate'
}

/** When the first certificate of a good PEM text ends. */
export function expiryOf(pem: string): Date {
  return new Date(parsed(certificatesIn(pem)[0] ?? '')?.validTo ?? 0)
}

function certificatesIn(pem: string): string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
}

function privateKeyIn(pem: string): KeyObject | string {
  const block = /-----BEGIN ([A-Z ]*)PRIVATE KEY-----[^]+?-----END \1PRIVATE KEY-----/.exec(pem)
  if (block === null) return 'holds no private key: put the certificate, its chain and its key into one file'
  if (block[1] === 'ENCRYPTED ' || block[0].includes('ENCRYPTED'))
    return 'has a private key with a passphrase'
  try {
    return createPrivateKey(block[0])
  } catch {
    return 'has a private key that is damaged'
  }
}

function parsed(text: string): X509Certificate | undefined {
  try {
    return new X509Certificate(text)
  } catch {
    return undefined
  }
}
