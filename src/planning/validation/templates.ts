import { isJsonObject, type Json } from "#events/json.ts";
import { parseExpression } from "#machines/expressions/expression.ts";
import * as types from "#machines/expressions/expression-type.ts";
import type { ExpressionType } from "#machines/expressions/expression-type.ts";
import { typeOfValue } from "#machines/expressions/json-schema.ts";
import { MAX_TEMPLATE_DEPTH } from "#machines/expressions/limits.ts";
import { isPlain, splitTemplate } from "#machines/expressions/template-text.ts";
import type { Path } from "#src/language/finding.ts";
import { gapsIn, type Gap } from "#src/planning/validation/gaps.ts";
import { knowing, type Known } from "#src/planning/validation/known.ts";
import { narrowedType, type Reading } from "#src/planning/validation/narrowed-types.ts";

// The templates of a definition: their type with what is known where they stand, and what they read that may not be there. A template
// that cannot be read counts as anything: the language's own check has refused it.

export interface ReadTemplate {
  readonly type: ExpressionType;
  readonly gaps: readonly PlacedGap[];
}

export interface PlacedGap extends Gap {
  /** Of the text that the expression stands in, inside of the template. */
  readonly path: Path;
  /** Of what is read, in that text. */
  readonly offset: number;
}

export function readTemplate(source: Json, reading: Reading): ReadTemplate {
  if (isPlain(source, MAX_TEMPLATE_DEPTH)) return { type: typeOfValue(source), gaps: [] };
  const gaps: PlacedGap[] = [];
  return { type: readPart(source, [], { reading, gaps }), gaps };
}

/** With or without `${ }`. */
export function readCondition(text: string, reading: Reading): readonly PlacedGap[] {
  const gaps: PlacedGap[] = [];
  readExpression(conditionIn(text), [], { reading, gaps });
  return gaps;
}

/** What holds where the condition does. */
export function knownWhere(known: Known, condition: string | undefined): Known {
  if (condition === undefined) return known;
  const parsed = parseExpression(conditionIn(condition).text);
  return parsed.ok ? knowing(known, parsed.compiled.tree, true) : known;
}

interface Read {
  readonly reading: Reading;
  readonly gaps: PlacedGap[];
}

interface PlacedText {
  readonly text: string;
  readonly offset: number;
}

function conditionIn(text: string): PlacedText {
  const split = splitTemplate(text.trimEnd());
  const [only] = split.ok && split.parts.length === 1 ? split.parts : [];
  return only?.kind === "expression" ? only : { text, offset: 0 };
}

function readPart(source: Json, path: Path, read: Read): ExpressionType {
  if (typeof source === "string") return readText(source, path, read);
  if (source === null || typeof source !== "object" || path.length >= MAX_TEMPLATE_DEPTH) return typeOfValue(source);
  if (!isJsonObject(source)) {
    const items = source.map((item, index) => readPart(item, [...path, index], read));
    return types.listOf(() => types.joinAll(items));
  }
  const fields = Object.entries(source).map(([name, value]) => {
    const type = readPart(value, [...path, name], read);
    return [name, { type: () => type, required: true }] as const;
  });
  return { kind: "map", fields: new Map(fields), closed: true };
}

function readText(text: string, path: Path, read: Read): ExpressionType {
  const split = splitTemplate(text);
  if (!split.ok) return types.DYN;
  const found = split.parts.flatMap((part) => (part.kind === "text" ? [] : [readExpression(part, path, read)]));
  if (found.length === 0) return typeOfValue(split.parts[0]?.text ?? "");
  const [only] = found;
  return split.parts.length === 1 && only !== undefined ? only : types.STRING;
}

function readExpression({ text, offset }: PlacedText, path: Path, { reading, gaps }: Read): ExpressionType {
  const parsed = parseExpression(text);
  if (!parsed.ok) return types.DYN;
  const { tree } = parsed.compiled;
  for (const gap of gapsIn(tree, text, reading)) gaps.push({ ...gap, path, offset: offset + gap.start });
  return narrowedType(tree, reading);
}
