// The lint half of the bar in the style guide; the other half is test/tidy.test.ts, the arrows are in dependency-cruiser.cjs.
//
// L1. A rule is an error or absent: no warnings, and a disable directive that suppresses nothing is an error.
// L2. Pure rooms see no clock, no randomness, no environment, no node:*; inside src those exist only in src/ports/system.
// L3. The list of what is forbidden is stated once here and only narrowed by folder, never by file name.
import path from "node:path";
import { fileURLToPath } from "node:url";
import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const TYPESCRIPT = ["**/*.ts"];
const PURE = ["events/**/*.ts", "machines/**/*.ts", "projections/**/*.ts"];
const EDGES = ["src/**/*.ts"];
const SYSTEM_PORTS = ["src/ports/system/**/*.ts"];
const TESTS = ["test/**/*.ts"];
const TESTS_WITH_PROCESSES = ["test/e2e/**/*.ts", "test/integration/**/*.ts"];

const MAX_FILE_LINES = 300;
const MAX_FUNCTION_LINES = 70;
const MAX_PARAMETERS = 3;
const MAX_COMPLEXITY = 10;

const WAITS = ["setTimeout", "setInterval", "setImmediate", "queueMicrotask"];
const ENVIRONMENT = [
  "process",
  "performance",
  "crypto",
  "fetch",
  "console",
  "Buffer",
  "navigator",
  "globalThis",
  "global",
];
const LOCAL_TIME = ["getTimezoneOffset", "getFullYear", "getMonth", "getDate", "getDay", "getHours", "getMinutes"];
const RANDOM_IMPORTS = [
  "randomUUID",
  "randomUUIDv7",
  "randomBytes",
  "randomInt",
  "randomFillSync",
  "getRandomValues",
  "webcrypto",
];

const clockMessage = "The clock, timers and random numbers come through src/ports (real ones: src/ports/system).";
const pureMessage = "Pure rooms know no clock, no randomness, no environment: take the value as an argument.";

const forbidClock = (message) => ({
  "no-restricted-properties": [
    "error",
    { object: "Date", property: "now", message },
    { object: "Math", property: "random", message },
    { object: "performance", property: "now", message },
    { object: "performance", property: "timeOrigin", message },
    { object: "process", property: "hrtime", message },
    { object: "process", property: "nextTick", message },
    { object: "crypto", property: "randomUUID", message },
    { object: "crypto", property: "getRandomValues", message },
    { object: "AbortSignal", property: "timeout", message },
    ...["globalThis", "global"].flatMap((object) =>
      [...WAITS, "Date", "Math", "crypto", "performance"].map((property) => ({ object, property, message })),
    ),
  ],
  "no-restricted-syntax": [
    "error",
    { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message },
    { selector: "CallExpression[callee.name='Date']", message },
  ],
});

const forbidClockImports = (message) => [
  { group: ["node:timers", "node:timers/promises", "timers", "timers/promises"], message },
  { group: ["node:crypto", "crypto"], importNames: RANDOM_IMPORTS, message },
  { group: ["node:perf_hooks", "perf_hooks"], message },
];

const bar = {
  "max-lines": ["error", { max: MAX_FILE_LINES, skipBlankLines: true, skipComments: true }],
  "max-lines-per-function": ["error", { max: MAX_FUNCTION_LINES, skipBlankLines: true, skipComments: true }],
  complexity: ["error", { max: MAX_COMPLEXITY }],
  "no-restricted-exports": [
    "error",
    { restrictDefaultExports: { direct: true, named: true, defaultFrom: true, namedFrom: true, namespaceFrom: true } },
  ],
  "no-warning-comments": ["error", { terms: ["todo", "fixme", "xxx", "hack"], location: "start" }],
  eqeqeq: "error",
  "prefer-const": "error",
  "no-var": "error",
  "object-shorthand": "error",
  "no-param-reassign": "error",
  "no-eval": "error",
  "no-implied-eval": "error",
  "no-new-func": "error",
  "no-script-url": "error",
};

const typed = {
  "@typescript-eslint/max-params": ["error", { max: MAX_PARAMETERS }],
  "@typescript-eslint/no-floating-promises": ["error", { checkThenables: true }],
  "@typescript-eslint/switch-exhaustiveness-check": "error",
  "@typescript-eslint/no-explicit-any": "error",
  "@typescript-eslint/no-non-null-assertion": "error",
  "@typescript-eslint/consistent-type-imports": "error",
  "@typescript-eslint/consistent-type-exports": "error",
  "@typescript-eslint/consistent-type-assertions": ["error", { assertionStyle: "as" }],
  "@typescript-eslint/prefer-nullish-coalescing": "error",
  "@typescript-eslint/prefer-optional-chain": "error",
  "@typescript-eslint/return-await": ["error", "in-try-catch"],
  "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
  "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
  "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true, argsIgnorePattern: "^_" }],
  // A port's synchronous twin is async so that a throw becomes a rejection; it has nothing to await.
  "@typescript-eslint/require-await": "off",
};

export default tseslint.config(
  { ignores: ["dist/", "coverage/", ".mutation/", "**/node_modules/", ".planwright/", "examples/improving/project/"] },
  { linterOptions: { reportUnusedDisableDirectives: "error", reportUnusedInlineConfigs: "error" } },
  eslint.configs.recommended,
  { rules: bar },
  {
    files: TYPESCRIPT,
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: path.join(ROOT, "tsconfig.json"), tsconfigRootDir: ROOT } },
    rules: typed,
  },
  {
    files: PURE,
    rules: {
      ...forbidClock(pureMessage),
      "no-restricted-syntax": [
        ...forbidClock(pureMessage)["no-restricted-syntax"],
        { selector: "MetaProperty[meta.name='import']", message: pureMessage },
        { selector: "ImportExpression", message: "A pure room loads nothing at run time." },
        {
          selector: `CallExpression > MemberExpression[property.name=/^(toLocale(Date|Time)?String|${LOCAL_TIME.join("|")})$/]`,
          message: "The machine's time zone and language are environment: use the UTC methods.",
        },
      ],
      "no-restricted-globals": ["error", ...[...WAITS, ...ENVIRONMENT].map((name) => ({ name, message: pureMessage }))],
      "no-restricted-imports": ["error", { patterns: [{ regex: "^node:", message: pureMessage }] }],
    },
  },
  {
    files: EDGES,
    ignores: SYSTEM_PORTS,
    rules: {
      ...forbidClock(clockMessage),
      "no-restricted-globals": ["error", ...WAITS.map((name) => ({ name, message: clockMessage }))],
      "no-restricted-imports": ["error", { patterns: forbidClockImports(clockMessage) }],
    },
  },
  {
    files: TESTS,
    rules: {
      // A describe callback is a chapter, not a function; its claims are held to the limit by being separate calls.
      "max-lines-per-function": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
      // vitest's asymmetric matchers (expect.any, expect.objectContaining) are typed any.
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/unbound-method": "off",
      "no-restricted-properties": [
        "error",
        ...["mock", "doMock", "hoisted"].map((property) => ({
          object: "vi",
          property,
          message: "No module mocks: use a fake that speaks the protocol.",
        })),
        ...["only", "todo", "skip"].flatMap((property) =>
          ["it", "test", "describe"].map((object) => ({ object, property, message: "Every test runs and can fail." })),
        ),
      ],
    },
  },
  {
    files: TESTS,
    ignores: TESTS_WITH_PROCESSES,
    rules: {
      "no-restricted-globals": [
        "error",
        ...["setTimeout", "setInterval"].map((name) => ({
          name,
          message: "No sleeping in tests: use the virtual clock.",
        })),
      ],
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            { group: ["node:timers", "node:timers/promises"], message: "No sleeping in tests: use the virtual clock." },
          ],
        },
      ],
    },
  },
  {
    files: ["src/cli/*.cjs", ".ci/*.cjs", ".config/**/*.{js,cjs,ts}"],
    languageOptions: {
      globals: {
        process: "readonly",
        console: "readonly",
        URL: "readonly",
        require: "readonly",
        module: "readonly",
        __dirname: "readonly",
      },
    },
    // Tools ask for a default export in their configuration; the guard and the bin are written for Nodes of long ago.
    rules: { "no-restricted-exports": "off", "no-var": "off", "object-shorthand": "off" },
  },
  { files: ["bench/peers/*/worker.js"], languageOptions: { globals: { fetch: "readonly" } } },
  { files: ["**/*.cjs"], languageOptions: { sourceType: "commonjs" } },
  {
    files: ["src/cli/*.cjs"],
    // Node 12 has to parse the bin to be told that it is too old; import() is all that it takes from 2020.
    languageOptions: { ecmaVersion: 2020 },
    rules: {
      "no-restricted-syntax": [
        "error",
        ...["ChainExpression", "LogicalExpression[operator='??']", "Literal[bigint]", "ExportAllDeclaration"].map(
          (selector) => ({ selector, message: "Node 12 cannot parse this." }),
        ),
      ],
    },
  },
  { files: [".config/scripts/require-node.cjs"], languageOptions: { ecmaVersion: 2018 } },
);
