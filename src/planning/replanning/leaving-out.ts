import { isJsonList, isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import { compileTemplate } from "#machines/expressions/template.ts";
import { stringOf } from "#src/language/literal.ts";
import { readsOf } from "#src/planning/fallbacks/output-reads.ts";
import { isOpen, stepsIn, type Situation } from "#src/planning/replanning/situation.ts";

// A plan without one of its steps, and without all that cannot be without it. The answer says so first.
//
// L1. What is done stays; what is left out is what has not begun, or has failed.
// L2. What only stood before something that is left out (an approval, a wait) is left out with it.

/** What goes with the step; undefined where nothing of the plan would be left. */
export function leftOutWith(
  id: string,
  situation: Pick<Situation, "steps" | "outcomes">,
): readonly string[] | undefined {
  const { steps, outcomes } = situation;
  const gone = new Set([id]);
  for (const one of gone) {
    for (const [reader, step] of Object.entries(steps)) {
      if (isOpen(reader, situation) && cannotBeWithout(step, one)) gone.add(reader);
    }
  }
  const before = Object.keys(steps).filter((one) => !gone.has(one) && isOpen(one, situation));
  for (const one of before) if (isOnlyFor(one, steps, gone)) gone.add(one);
  const left = Object.entries(steps).filter(([one, step]) => {
    return (
      !gone.has(one) && (isOpen(one, situation) || (outcomes[one]?.state === "succeeded" && step["revises"] !== true))
    );
  });
  gone.delete(id);
  return left.length === 0 ? undefined : [...gone];
}

/** It reads it, or waits for all that it needs. */
function cannotBeWithout(step: JsonObject, id: string): boolean {
  if (readsOf(step, id).length > 0) return true;
  const { needs, join = "all" } = step;
  return join === "all" && isJsonList(needs) && needs.includes(id);
}

/** L2. */
function isOnlyFor(id: string, steps: Situation["steps"], gone: ReadonlySet<string>): boolean {
  if (!BEFORE.some((word) => Object.hasOwn(steps[id] ?? {}, word))) return false;
  const readers = Object.entries(steps).filter(([, { needs }]) => isJsonList(needs) && needs.includes(id));
  return readers.length > 0 && readers.every(([reader]) => gone.has(reader));
}

const BEFORE = ["approve", "wait"];

/** The whole plan without them; `why` is one sentence without a full stop. */
export function withoutSteps(source: JsonObject, gone: readonly string[], why: string): JsonObject {
  const { outputs, respond, ...others } = source;
  const isGone = new Set(gone);
  const steps = Object.entries(stepsIn(source)).filter(([id]) => !isGone.has(id));
  const kept = isJsonObject(outputs) ? Object.entries(outputs).filter(([, value]) => !reads(value, gone)) : [];
  return {
    ...others,
    steps: Object.fromEntries(steps.map(([id, step]) => [id, needing(step, isGone)])),
    ...(kept.length === 0 ? {} : { outputs: Object.fromEntries(kept) }),
    respond: answerWithout(respond, gone, why),
  };
}

function needing(step: JsonObject, gone: ReadonlySet<string>): JsonObject {
  const { needs, ...others } = step;
  if (!isJsonList(needs)) return step;
  const left = needs.filter((need) => typeof need !== "string" || !gone.has(need));
  return left.length === 0 ? others : { ...others, needs: left };
}

/** The answer of a plan that did not come to its end, as far as these steps are not needed for it; undefined where it says none. */
export function partialWithout(respond: Json | undefined, gone: readonly string[]): JsonObject | undefined {
  const lines = linesWithout(respond, "$partial", gone);
  return lines.length === 0 ? undefined : { $partial: lines.join("\n") };
}

/** Line by line: those that read nothing that is left out. */
function linesWithout(respond: Json | undefined, name: string, gone: readonly string[]): readonly string[] {
  const forms: JsonObject = respond !== undefined && isJsonObject(respond) ? respond : { $done: respond ?? "" };
  const form = forms[name];
  if (typeof form !== "string") return [];
  return form.split("\n").filter((line) => line !== "" && isWhole(line) && !reads(line, gone));
}

function answerWithout(respond: Json | undefined, gone: readonly string[], why: string): JsonObject {
  const first = stringOf([{ text: `Left out: ${gone.join(", ")}, because ${why}.` }]);
  const texts = ["$partial", "$failed"].flatMap((name) => {
    const lines = linesWithout(respond, name, gone);
    return lines.length === 0 ? [] : [[name, [first, ...lines].join("\n")] as const];
  });
  const done = linesWithout(respond, "$done", gone);
  // What was said of all of them together is said of each that is left.
  const others = linesWithout(respond, "$partial", gone).filter(
    (line) => line.includes("steps.") && !done.includes(line),
  );
  return { $done: [first, ...done, ...others].join("\n"), ...Object.fromEntries(texts) };
}

/** A template of more lines than one is none by the line. */
function isWhole(line: string): boolean {
  return compileTemplate(line).ok;
}

function reads(value: Json, gone: readonly string[]): boolean {
  return gone.some((id) => readsOf(value, id).length > 0);
}
