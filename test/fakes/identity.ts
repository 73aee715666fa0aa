import {type LockIdentity} from '../../src/catalog/locks.js'

/** A holder of locks; every other holder on its host counts as alive unless the test says otherwise. */
export function fakeIdentity(changes: Partial<LockIdentity> = {}): LockIdentity {
  return {
    holder: 'ada@laptop',
    host: 'laptop',
    pid: 4711,
    processStartedAt: 'boot:1',
    isAlive: () => true,
    ...changes,
  }
}
