/** Jest as ESM; `scripts/test.mjs` starts Node with --experimental-vm-modules. */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2024' },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  globalSetup: '<rootDir>/test/harness/global-setup.ts',
  globalTeardown: '<rootDir>/test/harness/global-teardown.ts',
  testSequencer: '<rootDir>/test/harness/sequencer.js',
  // One more than the cores of a small machine: much of a file's time is waiting for what has its own time limit.
  maxWorkers: 3,
  testTimeout: 60_000,
  // A test that needs longer to end than to pass has left something behind.
  openHandlesTimeout: 2_000,
};
