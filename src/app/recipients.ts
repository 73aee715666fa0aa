import {type Yard} from './yard.js'

/** Who can open what is sealed now: those of the platform file, or without one the identity on this machine. */
export async function recipientsOf(yard: Pick<Yard, 'platform' | 'secrets'>): Promise<readonly string[]> {
  const platform = await yard.platform()
  if (platform !== undefined) return platform.recipients
  return [await (await yard.secrets()).ownRecipient()]
}
