import {availableParallelism} from 'node:os'

// Unit, contract and adapter tests run from source; the end-to-end tests run the built command.
const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {'^(\\.{1,2}/.*)\\.js$': '$1'},
  transform: {'^.+\\.ts$': '<rootDir>/scripts/jest/transform.mjs'},
  setupFiles: ['<rootDir>/test/setup-console.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/fixtures/', '/golden/'],
}

export default {
  reporters: ['default'],
  // Most wait for processes, proxies and machines of their own: one worker for each core leaves a third of the time idle.
  // With a single one Jest runs all in its own process, which keeps every module of every file until the end.
  maxWorkers: Math.ceil(availableParallelism() * 1.5),
  // Machines that run the suite are shared and slow at times; what hangs is still found.
  testTimeout: 180_000,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: [
        ...shared.testPathIgnorePatterns,
        '/test/e2e/',
        '/test/adapters/',
        '/test/contracts/',
        '/test/server/',
      ],
    },
    {
      ...shared,
      displayName: 'contract',
      testMatch: ['adapters', 'contracts', 'server'].map((each) => `<rootDir>/test/${each}/**/*.test.ts`),
    },
    {...shared, displayName: 'e2e', testMatch: ['<rootDir>/test/e2e/**/*.test.ts']},
  ],
}
