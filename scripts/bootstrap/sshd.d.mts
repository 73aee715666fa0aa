export function ensureSshd(): string | undefined
export function findSshd(): string | undefined
