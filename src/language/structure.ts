import type { z } from "zod";
import { ERROR_CATEGORIES } from "#events/errors.ts";
import { nearestName } from "#machines/expressions/nearest-name.ts";
import type { Path, Remark } from "./finding.ts";
import { APPROVE, JOIN, UNKNOWN, VERIFY, FALLBACK, REPLAN, RETRY, RETRY_ON, UNDO, WAIT } from "./vocabulary.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { outOfRange, wrongType } from "./refusals.ts";
import type { Report } from "./report.ts";
import type { Json, JsonObject } from "#events/json.ts";
import { isJsonList, isJsonObject } from "#events/json.ts";

// Checks a part of a plan against its schema and says what is wrong in the language's own words. What is right in a part is
// still read when something else in it is wrong, so that one pass finds all there is to find.

export interface Part {
  readonly value: JsonObject;
  readonly path: Path;
  readonly vocabulary: Vocabulary;
}

/** The part as read, without what was refused; undefined where what remains is not enough. */
export function readPart<T>(schema: z.ZodType<T>, part: Part, report: Report): T | undefined {
  const first = schema.safeParse(part.value);
  if (first.success) return first.data;
  const refused = new Set<string>();
  for (const issue of first.error.issues) {
    reportIssue(issue, part, report);
    const names = issue.code === "unrecognized_keys" && issue.path.length === 0 ? issue.keys : [String(issue.path[0])];
    for (const name of names) refused.add(name);
  }
  const kept = Object.fromEntries(Object.entries(part.value).filter(([name]) => !refused.has(name)));
  const second = schema.safeParse(kept);
  return second.success ? second.data : undefined;
}

function reportIssue(issue: z.core.$ZodIssue, part: Part, report: Report): void {
  const inner = issue.path.map((step) => (typeof step === "symbol" ? String(step) : step));
  if (issue.code === "invalid_union") {
    const [ofMapping = [], ofWord = []] = issue.errors;
    const chosen = isJsonObject(jsonAt(part.value, inner) ?? null) ? ofMapping : ofWord;
    for (const nested of chosen) reportIssue({ ...nested, path: [...issue.path, ...nested.path] }, part, report);
    return;
  }
  const path = [...part.path, ...inner];
  if (issue.code === "unrecognized_keys") {
    const vocabulary = vocabularyAt(inner, part.vocabulary);
    for (const key of issue.keys) report.error([...path, key], unknownWord(key, vocabulary), { key: true });
  } else {
    report.error(path, remarkOf(issue, { ...givenAt(part.value, inner), vocabulary: part.vocabulary }));
  }
}

const CATEGORIES: Vocabulary = { name: "retry.on", words: ERROR_CATEGORIES, later: [] };

/** What stands behind a word that has words of its own. */
const INSIDE: Readonly<Record<string, (path: Path) => Vocabulary>> = {
  fallback: () => FALLBACK,
  wait: () => WAIT,
  approve: () => APPROVE,
  join: () => JOIN,
  unknown: (path) => (path.length === 1 ? UNKNOWN : VERIFY),
  undo: (path) => (path.length === 1 ? UNDO : vocabularyAt(path.slice(1), UNDO)),
  replan: (path) => (path.length === 1 ? REPLAN : vocabularyAt(path.slice(1), REPLAN)),
  retry: (path) => (path.length === 1 ? RETRY : path.length === 2 ? CATEGORIES : RETRY_ON),
};

function vocabularyAt(path: Path, around: Vocabulary): Vocabulary {
  const [word] = path;
  return (typeof word === "string" && Object.hasOwn(INSIDE, word) ? INSIDE[word]?.(path) : undefined) ?? around;
}

export function unknownWord(word: string, { name, words, later }: Vocabulary): Remark {
  if (later.includes(word)) return notAvailableYet(word);
  const suggestion = nearestName(word, words);
  return { code: "unknown-word", message: `${name} has no ${JSON.stringify(word)}`, suggestion };
}

function notAvailableYet(word: string): Remark {
  return { code: "not-available-yet", message: `${word} is part of the plan language but not available yet` };
}

interface Given {
  /** Undefined: there is nothing at the place. */
  readonly given: Json | undefined;
  readonly name: string;
  readonly vocabulary: Vocabulary;
}

/** An abbreviation (`retry: 3`) stands in the place of the mapping that it abbreviates. */
function givenAt(value: Json, path: Path): { given: Json | undefined; name: string } {
  const name = String(path.at(-1) ?? "");
  const around = jsonAt(value, path.slice(0, -1));
  const isAbbreviation = path.length > 1 && around !== undefined && !isJsonObject(around) && !isJsonList(around);
  return { given: isAbbreviation ? around : jsonAt(value, path), name };
}

function remarkOf(issue: z.core.$ZodIssue, { given, name, vocabulary }: Given): Remark {
  if (given === undefined) return { code: "missing-word", message: `${name} is missing in ${vocabulary.name}` };
  if (issue.code === "custom" && issue.params !== undefined) return ownRemark(issue.message, issue.params);
  return outOfRange(issue) ?? wrongType(issue.code === "invalid_type" ? issue.expected : "object", given);
}

/** The schema has said itself what is wrong. */
function ownRemark(message: string, { code, suggestion }: Readonly<Record<string, unknown>>): Remark {
  const named = typeof suggestion === "string" ? { suggestion } : {};
  return { code: typeof code === "string" ? code : "wrong-type", message, ...named };
}

/** The part of a value at a path; undefined where there is none. */
export function jsonAt(value: Json, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((part, step) => {
    if (isJsonList(part)) return typeof step === "number" ? part[step] : undefined;
    return isJsonObject(part) && Object.hasOwn(part, step) ? part[step] : undefined;
  }, value);
}
