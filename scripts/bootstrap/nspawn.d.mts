export function ensureNspawn(): boolean
export function findNspawn(): string | undefined
