import {generateKeyPairSync, randomBytes} from 'node:crypto'

/** A pair of SSH keys as `ssh-keygen` writes them. */
export interface SshKey {
  /** The text of a private key file. */
  privateText: string
  /** As in `ssh-ed25519 AAAA…`. */
  publicText: string
}

const type = 'ssh-ed25519'
const keyBytes = 32
const blockBytes = 8
const lineLength = 70

/** Makes an ed25519 key without a passphrase. */
export function makeSshKey(comment: string): SshKey {
  const {privateKey, publicKey} = generateKeyPairSync('ed25519')
  // The key itself is at the end of what stands around it.
  const secret = privateKey.export({type: 'pkcs8', format: 'der'}).subarray(-keyBytes)
  const open = publicKey.export({type: 'spki', format: 'der'}).subarray(-keyBytes)
  const blob = Buffer.concat([field(type), field(open)])
  return {
    publicText: `${type} ${blob.toString('base64')}`,
    privateText: privateText(open, secret, blob, comment),
  }
}

/** The format is PROTOCOL.key of OpenSSH. */
function privateText(open: Buffer, secret: Buffer, blob: Buffer, comment: string): string {
  // Twice the same, so that a wrong passphrase is noticed, had it one.
  const check = randomBytes(4)
  const inner = Buffer.concat([check, check, blob, field(Buffer.concat([secret, open])), field(comment)])
  const padding = Array.from(
    {length: (blockBytes - (inner.length % blockBytes)) % blockBytes},
    (_, index) => index + 1,
  )
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...['none', 'none', ''].map(field),
    Buffer.from([0, 0, 0, 1]),
    field(blob),
    field(Buffer.concat([inner, Buffer.from(padding)])),
  ])
  const lines = whole.toString('base64').match(new RegExp(`.{1,${lineLength}}`, 'g')) ?? []
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n')
}

function field(content: Buffer | string): Buffer {
  const bytes = Buffer.from(content)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
