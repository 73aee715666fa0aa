export function ensureEtcd(): string | undefined
export function findEtcd(): string | undefined
