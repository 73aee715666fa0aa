const units = ['kB', 'MB', 'GB', 'TB']

/** `512 kB`, `84 MB`, `1.2 GB`: three digits say enough of what a process takes. */
export function byteText(bytes: number): string {
  let amount = bytes / 1024
  let place = 0
  while (amount >= 999.5 && place < units.length - 1) {
    amount /= 1024
    place++
  }
  return `${amount < 9.95 && place > 0 ? amount.toFixed(1) : Math.round(amount)} ${units[place] ?? ''}`
}
