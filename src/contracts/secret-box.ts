/** Seals secrets so that they can lie in the catalog, and opens them where they are used. */
export interface SecretBox {
  /**
   * The secret as text that only the recipients can open; different each time.
   * @throws YardError E_SECRET_RECIPIENTS when there is none, or one is not a public key.
   */
  seal(secret: string, recipients: readonly string[]): Promise<string>
  /** @throws YardError E_SECRET_IDENTITY when no identity of this machine can open it. */
  open(sealed: string): Promise<string>
  /** The recipient whose identity is on this machine; the identity is made when there is none. */
  ownRecipient(): Promise<string>
}
