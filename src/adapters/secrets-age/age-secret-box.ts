import {armor, Decrypter, Encrypter, identityToRecipient} from 'age-encryption'

import {type SecretBox} from '../../contracts/secret-box.js'
import {printable} from '../../domain/names.js'
import {YardError} from '../../errors.js'
import {makeIdentityFile, readIdentities} from './identity-file.js'

export interface AgeSettings {
  /** Absolute. Where the identities of this user are, one in a line; made when it is needed and not there. */
  identityFile: string
}

/** Seals secrets as age files in their text form (https://age-encryption.org/v1). */
export class AgeSecretBox implements SecretBox {
  constructor(private readonly settings: AgeSettings) {}

  async seal(secret: string, recipients: readonly string[]): Promise<string> {
    if (recipients.length === 0) throw noRecipient()
    const encrypter = new Encrypter()
    for (const recipient of new Set(recipients)) addRecipient(encrypter, recipient)
    return armor.encode(await encrypter.encrypt(secret))
  }

  async open(sealed: string): Promise<string> {
    const {identityFile} = this.settings
    const identities = readIdentities(identityFile)
    if (identities.length === 0) throw cannotOpen(identityFile, 'this machine has no identity')
    const decrypter = new Decrypter()
    for (const identity of identities) decrypter.addIdentity(identity)
    try {
      return await decrypter.decrypt(armor.decode(sealed), 'text')
    } catch (error) {
      throw cannotOpen(identityFile, reasonOf(error))
    }
  }

  async ownRecipient(): Promise<string> {
    const {identityFile} = this.settings
    const [identity] = readIdentities(identityFile)
    if (identity !== undefined) return identityToRecipient(identity)
    return identityToRecipient(await makeIdentityFile(identityFile))
  }
}

function addRecipient(encrypter: Encrypter, recipient: string): void {
  try {
    encrypter.addRecipient(recipient)
  } catch {
    throw new YardError('E_SECRET_RECIPIENTS', {
      what: `Can't seal a secret to ${printable(recipient)}`,
      why: 'it is not an age public key, which begins with age1',
      next: ['age-keygen -y identity.txt   # shows the public key of an identity', 'correct it in yard.yaml'],
    })
  }
}

function noRecipient(): YardError {
  return new YardError('E_SECRET_RECIPIENTS', {
    what: "Can't seal a secret",
    why: 'nobody is named who could open it',
    next: ['write the public keys of those who may open secrets under recipients: in yard.yaml'],
  })
}

/** The library tells by its text only; whatever else it says means that the sealed text is damaged. */
function reasonOf(error: unknown): string {
  const isStranger = error instanceof Error && error.message.startsWith('no identity matched')
  return isStranger ? 'it was sealed to others' : 'its sealed text is damaged'
}

function cannotOpen(identityFile: string, why: string): YardError {
  return new YardError('E_SECRET_IDENTITY', {
    what: "Can't open a secret",
    why: `${why} (${identityFile})`,
    next: [
      'point YARD_IDENTITY to the file of an identity among its recipients',
      'or have somebody who can open it set it again: yard config set SERVICE NAME --secret',
    ],
  })
}
