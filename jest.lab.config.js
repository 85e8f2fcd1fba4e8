/** The whole house: `up`, again, by hand, `down`. One file at a time, since each runs a lab. */
module.exports = {
  ...require("./jest.config.js"),
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/tests/lab/long/"],
  testMatch: ["<rootDir>/tests/lab/**/*.test.ts"],
  maxWorkers: 1,
  testTimeout: 600_000,
};
