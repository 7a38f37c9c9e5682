// The README's table of limits, held to the constants that it is about.
import { describe, expect, it } from "vitest";
import { DEFAULT_TIMEOUT_MS, MAX_STEPS_PER_PLAN } from "#events/definition.ts";
import { MAX_BATCH_BYTES } from "#events/envelope.ts";
import { MAX_EVENTS_PER_BATCH } from "#events/ids.ts";
import { INLINE_LIMIT_BYTES } from "#events/payload.ts";
import {
  MAX_EXPRESSION_CHARS,
  MAX_LIST_ELEMENTS,
  MAX_TEXT_CHARS,
  MAX_WORK_UNITS,
} from "#machines/expressions/limits.ts";
import { toolRegistry } from "#src/all-tools.ts";
import { DEFAULT_SLOTS } from "#src/compose.ts";
import { ABANDON_AFTER_MS } from "#src/executor/attempt.ts";
import { checkPlan } from "#src/language/check.ts";
import { MAX_PLAN_BYTES, parsePlan } from "#src/language/parse.ts";
import { MAX_BLOB_BYTES } from "#src/ports/blob-store.ts";
import { MAX_FAILED_TURNS, MAX_MAILBOX } from "#src/runtime/limits.ts";
import { MAX_FILE_BYTES } from "#src/tools/builtin/file-content.ts";
import { MAX_OUTPUT_BYTES } from "#src/tools/json-output.ts";
import { readText } from "../tidy/tree.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;
const MAX_ATTEMPTS = 1_000;

const page = readText("README.md");
const table = page.slice(page.indexOf("## Limits"), page.indexOf("## When something goes wrong"));
const rows = [...table.matchAll(/^\| (.+?) +\| (.+?) +\|$/gm)].map(([, what, limit]) => `${what}: ${limit}`);
const written = rows.filter((row) => !row.startsWith("---"));
const number = (value: number): string => value.toLocaleString("en");

describe("the limits of the README", () => {
  it("are those of the code", () => {
    expect(written).toEqual([
      "what: limit",
      `plan file, also the file of \`--inputs\`: ${MAX_PLAN_BYTES / MIB} MiB`,
      `steps of a plan: ${number(MAX_STEPS_PER_PLAN)}`,
      `attempts of a step: ${number(MAX_ATTEMPTS)}`,
      `one expression, text and work: ${number(MAX_EXPRESSION_CHARS)} characters, ${number(MAX_WORK_UNITS)} units`,
      `text or list that an expression makes: ${number(MAX_TEXT_CHARS)} characters, ${number(MAX_LIST_ELEMENTS)} elements`,
      `payload inside a fact; a larger one is a file: ${INLINE_LIMIT_BYTES / KIB} KiB`,
      `output of a tool: ${MAX_OUTPUT_BYTES / MIB} MiB`,
      `payload as a file: ${MAX_BLOB_BYTES / MIB} MiB`,
      `file that a built-in tool reads or writes: ${MAX_FILE_BYTES / MIB} MiB`,
      `facts of one append, and their size: ${MAX_EVENTS_PER_BATCH}, ${MAX_BATCH_BYTES / KIB} KiB`,
      `commands that wait for one plan: ${number(MAX_MAILBOX)}`,
      `attempts that run at once (\`--slots\`): ${DEFAULT_SLOTS} by default`,
      `timeout of an attempt: ${DEFAULT_TIMEOUT_MS / MINUTE_MS} min by default`,
      `until a tool that does not stop is given up: ${ABANDON_AFTER_MS / SECOND_MS} s`,
      `turns of a plan that fail in a row until quarantine: ${MAX_FAILED_TURNS}`,
    ]);
  });

  it("hold for the attempts of a step", () => {
    expect(isAccepted(MAX_ATTEMPTS)).toBe(true);
    expect(isAccepted(MAX_ATTEMPTS + 1)).toBe(false);
  });

  it("are the ones that its text names", () => {
    expect(page).toContain(`is given up after ${ABANDON_AFTER_MS / SECOND_MS} s`);
    expect(page).toContain(`payloads over ${INLINE_LIMIT_BYTES / KIB} KiB are files`);
  });
});

function isAccepted(attempts: number): boolean {
  const text = `{ plan: a, steps: { b: { tool: fs.list, retry: { attempts: ${attempts} } } } }`;
  const parsed = parsePlan(text, { file: "a.yaml" });
  return parsed.ok && checkPlan(parsed.source, { tools: toolRegistry() }).ok;
}
