import { z } from "zod";

// What a requirement asks a machine: each kind is a question whose answer is yes, no with evidence, or "could not be asked".
//
// C1. A check only looks. One that changes files is found and said to be broken (`check-writes-files`), whatever it answers.
// C2. Paths are relative to the assessed directory, and patterns are those of `fs.glob` over the files that are not ignored, those that
//     begin with a dot as well. A name without wildcards is looked for as it is, ignored or not.

const MAX_TEXT_CHARS = 4_000;
const MAX_ARGUMENTS = 200;
const MAX_PATTERNS = 200;
const MAX_TIMEOUT_MS = 60 * 60 * 1000;

const text = z.string().min(1).max(MAX_TEXT_CHARS);
const list = z.array(text).min(1).max(MAX_PATTERNS);
const patterns = z
  .union([text, list])
  .transform((given) => (typeof given === "string" ? [given] : given))
  .pipe(list)
  .describe("glob patterns of files, `!` before one leaves out");

/** A program with its arguments; there is no shell in between. */
export const commandLine = z.array(z.string().max(MAX_TEXT_CHARS)).min(1).max(MAX_ARGUMENTS);

const expected = {
  exit: z.int().min(0).max(255).default(0).describe("the exit code that says yes"),
  timeoutMs: z.int().positive().max(MAX_TIMEOUT_MS).default(60_000),
};

const commandCheck = z.strictObject({
  kind: z.literal("command"),
  run: commandLine,
  ...expected,
  stdout: text.exactOptional().describe("a linear-time regular expression that the output has a match of"),
  repeat: z.int().min(1).max(20).default(1).describe("how often it is asked; answers that differ are `flaky-check`"),
  reads: patterns.exactOptional().describe("the files that it depends on (default: all that are not ignored)"),
});

const testCheck = z.strictObject({
  kind: z.literal("test"),
  run: commandLine.exactOptional().describe("default: the test command of the project's own manifest"),
  ...expected,
  repeat: z.int().min(1).max(20).default(1),
  reads: patterns.exactOptional(),
});

const fileCheck = z.strictObject({
  kind: z.literal("file"),
  files: patterns,
  exists: z.boolean().default(true).describe("whether there has to be one, or must not be any"),
  minBytes: z.int().positive().exactOptional().describe("of each"),
});

const patternCheck = z.strictObject({
  kind: z.literal("pattern"),
  files: patterns,
  matches: text.describe("a linear-time regular expression, over the whole text of a file, with ^ and $ at lines"),
  found: z.enum(["somewhere", "everywhere", "nowhere"]).default("somewhere"),
});

const httpCheck = z.strictObject({
  kind: z.literal("http"),
  url: z.url(),
  method: z.enum(["GET", "HEAD"]).default("GET"),
  status: z.int().min(100).max(599).default(200),
  body: text.exactOptional().describe("a linear-time regular expression"),
  timeoutMs: z.int().positive().max(MAX_TIMEOUT_MS).default(10_000),
});

const jsonCheck = z.strictObject({
  kind: z.literal("json"),
  file: text.describe("JSON, or YAML or TOML by its ending"),
  holds: text.describe("a CEL condition over `document`"),
});

const astCheck = z.strictObject({
  kind: z.literal("ast"),
  files: patterns,
  selector: text.describe("of the syntax tree of TypeScript and JavaScript"),
  found: z.enum(["somewhere", "everywhere", "nowhere"]).default("somewhere"),
});

const requestCheck = z.strictObject({
  kind: z.literal("request"),
  request: text.describe(
    "in words: whether a plan can be made for it with the tools that there are; nothing of it runs",
  ),
});

const toolCheck = z.strictObject({
  kind: z.literal("tool"),
  tool: text.describe("its name; its newest version that has run counts"),
  succeeds: z.number().min(0).max(1).default(0.9).describe("share of its attempts, as the store has them"),
});

export const check = z.discriminatedUnion("kind", [
  commandCheck,
  testCheck,
  fileCheck,
  patternCheck,
  httpCheck,
  jsonCheck,
  astCheck,
  requestCheck,
  toolCheck,
]);
export type Check = z.output<typeof check>;
