/** The link (where clouds keep their secrets), groups and everybody. */
const nobodysAddress = /^(?:169\.254|22[4-9]|2[345]\d)\./

/** Whether an IPv4 address can be that of a machine where an instance runs. */
export function isHostAddress(address: string): boolean {
  return isListenAddress(address) && !address.startsWith('0.')
}

/** Whether HAProxy may be told to listen there; 0.0.0.0 is everywhere. */
export function isListenAddress(address: string): boolean {
  return !nobodysAddress.test(address)
}
