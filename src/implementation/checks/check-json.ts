// A condition over a document: JSON, YAML or TOML.
//
// J1. The condition is CEL as in plans, over the one variable `document`: bounded, pure, and the same on every machine.
// J2. What is missing makes a condition false where it asks for it, and is said; a document that is none is broken only where it is there.

import { z } from "zod";
import { json, type Json } from "#events/json.ts";
import { compileCondition, type Condition, type ConditionResult } from "#machines/expressions/condition.ts";
import { typeScope } from "#machines/expressions/type-scope.ts";
import { parsePlan } from "#src/language/parse.ts";
import type { Check } from "./check.ts";
import { broken, met, unmet, type Found } from "./found.ts";
import type { Place } from "./place.ts";
import { utf8Text } from "./file-text.ts";

const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;

const SCOPE = typeScope({ inputs: {}, steps: {}, variables: { document: {} } });

export function documentCondition(text: string): ConditionResult {
  return compileCondition(text, { scope: SCOPE });
}

/** Codes: `document-unreadable`, `bad-condition`, `condition-failed`. */
export async function askJson(check: Extract<Check, { kind: "json" }>, { survey }: Place): Promise<Found> {
  const { file, holds } = check;
  const compiled = documentCondition(holds);
  if (!compiled.ok)
    return broken("bad-condition", { text: compiled.findings.map(({ message }) => message).join("; ") });
  const [name = file] = survey.select([file]);
  const bytes = await survey.read(name, MAX_DOCUMENT_BYTES);
  if (bytes === undefined) return unmet({ text: `there is no file ${file}` });
  if (typeof bytes === "string") return broken(bytes, { text: `${name} cannot be looked into`, path: name });
  const read = await documentIn(name, utf8Text(bytes));
  if (!read.ok) return broken("document-unreadable", { text: read.message, path: name, ...lineOf(read.line) });
  return said(compiled.condition, read.value, { name, holds });
}

function said(condition: Condition, document: Json, { name, holds }: { name: string; holds: string }): Found {
  const result = condition.evaluate({ inputs: {}, steps: () => undefined, variables: { document } });
  if (result.ok && result.value) return met({ text: `holds: ${holds}`, path: name });
  if (result.ok) return unmet({ text: `does not hold: ${holds}`, path: name });
  const { code, message } = result.error;
  if (MISSING.has(code)) return unmet({ text: `does not hold: ${message}`, path: name });
  return broken("condition-failed", { text: message, path: name });
}

/** J2. */
const MISSING: ReadonlySet<string> = new Set(["no-such-key", "index-out-of-range", "type-mismatch"]);

type Document =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly message: string; readonly line?: number | undefined };

async function documentIn(name: string, text: string): Promise<Document> {
  if (/\.toml$/iu.test(name)) return tomlIn(text);
  const isYaml = /\.ya?ml$/iu.test(name);
  const parsed = parsePlan(text, { file: name, format: isYaml ? "yaml" : "json" });
  if (parsed.ok) return { ok: true, value: parsed.source.root.value };
  const [first] = parsed.findings;
  return { ok: false, message: first?.message ?? "it cannot be read", line: first?.line };
}

async function tomlIn(text: string): Promise<Document> {
  const { parse, TomlError } = await import("smol-toml");
  try {
    return { ok: true, value: json.parse(z.json().parse(plain(parse(text)))) };
  } catch (error) {
    if (error instanceof TomlError)
      return { ok: false, message: error.message.split("\n", 1)[0] ?? "", line: error.line };
    return { ok: false, message: error instanceof Error ? error.message : "it cannot be read" };
  }
}

/** Times become texts; JSON knows none. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, one: unknown) => (typeof one === "bigint" ? Number(one) : one)),
  ) as unknown;
}

function lineOf(line: number | undefined): { line?: number } {
  return line === undefined ? {} : { line };
}
