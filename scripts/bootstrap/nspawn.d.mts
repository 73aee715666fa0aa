export function ensureNspawn(): boolean
export function findNspawn(): string | undefined
export function findDebootstrap(): string | undefined
