const unitBytes: Readonly<Record<string, number>> = {kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3}

/** Bytes of `500kB`, `10MB` or `2GB`; undefined for anything else. */
export function parseByteSize(size: string): number | undefined {
  const [, amount, unit = ''] = /^([0-9]{1,6})(kB|MB|GB)$/.exec(size) ?? []
  const bytes = unitBytes[unit]
  return amount === undefined || bytes === undefined ? undefined : Number(amount) * bytes
}
