import { canonicalJson } from "#events/canonical.ts";
import type { PlanDefinition } from "#events/definition.ts";
import { isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import { writtenPlan } from "#src/language/written-plan.ts";
import { baseOf, renamed } from "#src/planning/replanning/renaming.ts";

// What is different between two plans, for people: a line for each step that is there now (+), is gone (-) or does something else (~), with
// what it did before and what it does now. Which steps these are `machines/revision.ts` tells the facts; here it is told how.

const MAX_LINES = 100;
const MAX_VALUE_CHARS = 60;

export function planDiff(before: PlanDefinition, after: PlanDefinition): readonly string[] {
  return sourceDiff(writtenPlan(before), writtenPlan(after));
}

/** Steps in the order of the new plan, those that are gone after them, the plan's own words last. */
export function sourceDiff(before: JsonObject, after: JsonObject): readonly string[] {
  const names = renamesBetween(stepsOf(before), stepsOf(after));
  const old = [...names].reduce((source, [by, id]) => renamed(source, { id, by }, { outcomes: {} }), before);
  const [was, is] = [stepsOf(old), stepsOf(after)];
  const lines = [
    ...[...is].flatMap(([id, step]) => lineOf(id, step, { was: was.get(id), before: names.get(id) })),
    ...[...was].flatMap(([id, step]) => (is.has(id) ? [] : [`- ${id}: ${summaryOf(step)}`])),
    ...changesOf(withoutSteps(old), withoutSteps(after)).map((change) => `~ the plan's ${change}`),
  ];
  if (lines.length <= MAX_LINES) return lines;
  return [...lines.slice(0, MAX_LINES - 1), `… and ${lines.length - MAX_LINES + 1} more`];
}

interface Before {
  readonly was: Json | undefined;
  /** Its id, where it had another one. */
  readonly before: string | undefined;
}

function lineOf(id: string, step: Json, { was, before }: Before): readonly string[] {
  if (was === undefined) return [`+ ${id}: ${summaryOf(step)}`];
  const changes = changesOf(was, step);
  const name = before === undefined ? id : `${before} → ${id}`;
  return changes.length === 0 && before === undefined ? [] : [`~ ${name}: ${changes.join("; ")}`];
}

/** A step that comes in the place of another one has its id with the next number: by the new ids. */
function renamesBetween(was: ReadonlyMap<string, Json>, is: ReadonlyMap<string, Json>): ReadonlyMap<string, string> {
  const gone = [...was.keys()].filter((id) => !is.has(id));
  const added = [...is.keys()].filter((id) => !was.has(id));
  return new Map(
    added.flatMap((by) => {
      const id = gone.find((one) => baseOf(one) === baseOf(by));
      return id === undefined ? [] : [[by, id] as const];
    }),
  );
}

function stepsOf({ steps }: JsonObject): ReadonlyMap<string, Json> {
  return new Map(isJsonObject(steps) ? Object.entries(steps) : []);
}

function withoutSteps({ steps: _, ...own }: JsonObject): JsonObject {
  return own;
}

function summaryOf(step: Json): string {
  if (!isJsonObject(step)) return shown(step);
  const [kind = "", what = null] = Object.entries(step)[0] ?? [];
  const args = isJsonObject(step["with"]) ? Object.entries(step["with"]) : [];
  const given = args.map(([name, value]) => `${name} ${shown(value)}`).join(", ");
  return `${kind === "tool" ? shownBare(what) : `${kind} ${shown(what)}`}${given === "" ? "" : ` with ${given}`}`;
}

/** Word by word; arguments by their names, words inside of others behind those: `retry.attempts`. */
function changesOf(was: Json, is: Json, around?: string): readonly string[] {
  if (!isJsonObject(was) || !isJsonObject(is)) return same(was, is) ? [] : [`${shown(was)} → ${shown(is)}`];
  const words = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  const isOther = !same(was["tool"], is["tool"]);
  return words.flatMap((word) => {
    const [old, now] = [was[word], is[word]];
    if (same(old, now) || (isOther && now === undefined && OF_A_TOOL.has(word))) return [];
    const isDeeper = around === undefined && isJsonObject(old) && isJsonObject(now);
    if (isDeeper) return changesOf(old, now, word === "with" ? "" : `${word}.`);
    return [changeOf(`${around ?? ""}${word}`, old, now)];
  });
}

/** Another tool has its own. */
const OF_A_TOOL: ReadonlySet<string> = new Set(["timeout", "idempotent", "isolate"]);

function changeOf(word: string, was: Json | undefined, is: Json | undefined): string {
  if (was === undefined) return `${word} ${shown(is)} is new`;
  if (is === undefined) return `without ${word} ${shown(was)}`;
  return `${word} ${shown(was)} → ${shown(is)}`;
}

function same(one: Json | undefined, other: Json | undefined): boolean {
  return canonicalJson(one ?? null) === canonicalJson(other ?? null);
}

function shownBare(value: Json): string {
  return typeof value === "string" ? value : shown(value);
}

function shown(value: Json | undefined): string {
  const text = JSON.stringify(value ?? null);
  return text.length <= MAX_VALUE_CHARS ? text : `${text.slice(0, MAX_VALUE_CHARS)}…`;
}
