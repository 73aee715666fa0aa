import {type SecretBox} from '../../src/contracts/secret-box.js'
import {YardError} from '../../src/errors.js'

/** Seals in name only: whoever knows base64 can open it. */
export class FakeSecretBox implements SecretBox {
  readonly sealedTo: (readonly string[])[] = []
  opened = 0

  async seal(secret: string, recipients: readonly string[]): Promise<string> {
    this.sealedTo.push(recipients)
    return fakeSealed(secret)
  }

  async open(sealed: string): Promise<string> {
    this.opened++
    const body = sealed.split('\n')[1] ?? ''
    const secret = Buffer.from(body, 'base64').toString()
    if (!secret.includes('to others')) return secret
    throw new YardError('E_SECRET_IDENTITY', {
      what: "Can't open a secret",
      why: 'it was sealed to others',
      next: ['use another identity'],
    })
  }

  async ownRecipient(): Promise<string> {
    return 'age1own'
  }
}

/** What `FakeSecretBox` opens again. */
export function fakeSealed(secret: string): string {
  const body = Buffer.from(secret).toString('base64')
  return `-----BEGIN AGE ENCRYPTED FILE-----\n${body}\n-----END AGE ENCRYPTED FILE-----\n`
}
