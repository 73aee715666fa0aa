import {execFileSync} from 'node:child_process'

import {findEtcd} from '../../../scripts/bootstrap/etcd.mjs'

/** Why tests with a real etcd can't run here; undefined when they can. */
export function etcdMissing(): string | undefined {
  if (process.platform === 'win32') return 'etcd members are stopped by signals'
  return findEtcd() === undefined ? 'etcd is not installed' : undefined
}

/** Why tests with certificates can't run here; undefined when they can. */
export function etcdTlsMissing(): string | undefined {
  const missing = etcdMissing()
  if (missing !== undefined) return missing
  try {
    execFileSync('openssl', ['version'], {stdio: 'ignore'})
    return undefined
  } catch {
    return 'openssl, which makes the certificates, is not installed'
  }
}
