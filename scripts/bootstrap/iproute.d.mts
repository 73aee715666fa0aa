export function ensureIp(): string | undefined
export function findIp(): string | undefined
