import {takeOwnership} from '../../../src/adapters/processes-local/ownership.js'

/** Tries to become the owner, says how that went, and stays until it is killed; run by a test as a program of its own. */
process.stdout.write(takeOwnership(process.argv[2] ?? '') === undefined ? 'refused\n' : 'owner\n')
process.stdin.resume()
