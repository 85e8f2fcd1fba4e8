/** Unit, component, wire and foreign tests; the lab level has its own configuration (jest.lab.config.js). */
module.exports = {
  testEnvironment: "node",
  roots: ["<rootDir>/tests"],
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/tests/lab/"],
  transform: { "^.+\\.ts$": ["ts-jest", { isolatedModules: true, diagnostics: false }] },
  maxWorkers: 2,
  testTimeout: 30_000,
};
