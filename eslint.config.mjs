import globals from "globals";
import tseslint from "typescript-eslint";

/** One room's door: which imports are refused there, and why. */
const door = (files, patterns) => ({
  files,
  rules: { "no-restricted-imports": ["error", { patterns }] },
});

export default tseslint.config(
  { ignores: ["node_modules/", ".lab/", "tests/golden/"] },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      globals: globals.node,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
      complexity: ["error", 10],
      "max-depth": ["error", 3],
      "max-params": ["error", 4],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/consistent-type-imports": "error",
    },
  },
  {
    files: ["tests/**/*.ts"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
    },
  },
  door(
    ["components/**/*.ts"],
    [
      {
        group: ["**/config", "**/config.ts"],
        message: "A component is told everything through its args.",
      },
      { group: ["**/stand-ins/**"], message: "The lab must not know that it is simulated." },
      {
        group: ["**/lab/**", "**/toolchain/**"],
        message: "The product does not know who starts it.",
      },
    ],
  ),
  door(
    ["policy/**/*.ts"],
    [
      {
        group: ["**/stand-ins/**", "**/lab/**", "**/toolchain/**"],
        message: "A rule sees resources, and nothing else.",
      },
    ],
  ),
  door(
    ["providers/*/operations.ts", "providers/prism/**/*.ts"],
    [{ group: ["@pulumi/*"], message: "Operations are plain functions, testable without Pulumi." }],
  ),
  door(
    ["stand-ins/**/*.ts"],
    [
      {
        group: ["**/components/**", "**/config", "**/providers/**", "**/lab/**", "**/toolchain/**"],
        message:
          "A stand-in speaks an outside interface; nothing of the product reaches into it, nor it into the product.",
      },
    ],
  ),
);
