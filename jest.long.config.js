/** What takes long and tells little of a small change: two labs at once, hundreds of workers, all that keeps a test from passing. */
module.exports = {
  ...require("./jest.lab.config.js"),
  testPathIgnorePatterns: ["/node_modules/"],
  testMatch: ["<rootDir>/tests/lab/long/**/*.test.ts"],
};
