import {YardError} from '../../errors.js'

const attempts = 5

/**
 * Reads and writes again when somebody changed what was read: an operator may disable an instance that a deploy is
 * about to end. A lock that was lost stays lost, so the last conflict is thrown.
 */
export async function againOnConflict<T>(readAndWrite: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await readAndWrite()
    } catch (error) {
      const isConflict = error instanceof YardError && error.code === 'E_CONFLICT'
      if (!isConflict || attempt === attempts) throw error
    }
  }
}
