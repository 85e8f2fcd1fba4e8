/** Rooms: unit, component, wire and foreign tests. The whole house has jest.lab.config.js. */
module.exports = {
  testEnvironment: "node",
  roots: ["<rootDir>/tests"],
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/tests/lab/"],
  globalSetup: "<rootDir>/tests/support/toolchain.ts",
  transform: { "^.+\\.ts$": ["ts-jest", { diagnostics: false }] },
  maxWorkers: 2,
  testTimeout: 30_000,
};
