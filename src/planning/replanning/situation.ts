import { contentHash } from "#events/canonical.ts";
import type { PlanDefinition } from "#events/definition.ts";
import type { ErrorInfo } from "#events/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import { compileTemplate } from "#machines/expressions/template.ts";
import type { StepStateName } from "#machines/step-chart.ts";
import { writtenPlan } from "#src/language/written-plan.ts";
import type { Analysis } from "#src/planning/analysis/analyse.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { capabilitiesOf, type Capabilities } from "#src/planning/fallbacks/capabilities.ts";
import { argumentsOf } from "#src/planning/fallbacks/written-arguments.ts";

// Where a plan stands when something did not go as it was planned: what is done, what failed, what was tried. All that replanning goes by,
// so that the same situation has the same answer.

/** What became of one of the plan's own steps. */
export interface StepOutcome {
  readonly state: StepStateName;
  /** Of the last failure. */
  readonly error?: Pick<ErrorInfo, "category" | "message" | "retryAfterMs">;
  /** It failed before anything ran: what it reads has no value. */
  readonly isUnread?: boolean;
  /** Where it is at hand. */
  readonly output?: Json;
}

export type Cause =
  /** It failed for good. */
  | { readonly kind: "failed"; readonly step: string }
  /** It succeeded, and what it gave is not what the rest of the plan needs; `why` says so in words. */
  | { readonly kind: "surprised"; readonly step: string; readonly why: string }
  /** Somebody has said what an argument of it is. */
  | { readonly kind: "informed"; readonly step: string; readonly parameter: string; readonly value: Json }
  /** It failed, and somebody has said what it should have given; or that it is to be tried again, or left out. */
  | { readonly kind: "given"; readonly step: string; readonly value: Json }
  | { readonly kind: "retried" | "skipped"; readonly step: string };

/** What somebody has answered about a step that had failed. */
export interface Answered {
  readonly step: string;
  readonly said: Json;
}

export interface Replanning {
  /** The plan as it goes on now. */
  readonly definition: PlanDefinition;
  /** Of the plan. */
  readonly inputs?: JsonObject;
  /** By id. A step that is missing has not begun. */
  readonly outcomes: Readonly<Record<string, StepOutcome>>;
  readonly cause: Cause;
  /** Calls that failed, by the hash of tool, version and arguments that `StepDispatched` has of them. */
  readonly tried: readonly string[];
  /** What somebody was asked about, and has said, in its order. */
  readonly answers: readonly Answered[];
  /** How often the plan was changed because something did not go as planned. */
  readonly replannings: number;
  /** Of the request that the plan is for. */
  readonly analysis: Analysis;
  readonly entries: readonly CatalogEntry[];
  /** Names of tools that must not be used; `*` at the end stands for anything. */
  readonly forbidden?: readonly string[];
  /** In ms since the epoch. */
  readonly now: number;
  readonly deadlineAt?: number;
  /** Whether the changed plan can run. Default: it can, by the schemas. */
  readonly accepts?: (source: JsonObject) => boolean;
}

/** What the courses of action are found from. */
export interface Situation extends Replanning {
  /** The plan as it is written. */
  readonly source: JsonObject;
  readonly steps: Readonly<Record<string, JsonObject>>;
  readonly capabilities: Capabilities;
  /** Hashes of calls that were made: those that failed, and those whose work is done. */
  readonly made: ReadonlySet<string>;
}

export function situationOf(replanning: Replanning): Situation {
  const source = writtenPlan(replanning.definition);
  const steps = stepsIn(source);
  const capabilities = capabilitiesOf(replanning.entries);
  const known = { ...replanning, capabilities };
  const ended = Object.entries(steps).filter(([id]) => ENDED.has(replanning.outcomes[id]?.state ?? "pending"));
  const calls = ended.map(([, step]) => callHash(step, known));
  return { ...known, source, steps, made: new Set([...replanning.tried, ...calls]) };
}

const ENDED: ReadonlySet<StepStateName> = new Set(["succeeded", "failed"]);

export function stepsIn({ steps }: JsonObject): Readonly<Record<string, JsonObject>> {
  const entries = isJsonObject(steps) ? Object.entries(steps) : [];
  return Object.fromEntries(entries.flatMap(([id, step]) => (isJsonObject(step) ? [[id, step] as const] : [])));
}

/** Of the call with its arguments as they are now, where they can be told; else as they are written. */
export function callHash(step: JsonObject, situation: Pick<Situation, "inputs" | "outcomes" | "capabilities">): string {
  const { inputs = {}, outcomes } = situation;
  const written = argumentsOf(step);
  const compiled = compileTemplate(written);
  const values = { inputs, steps: (id: string) => outcomes[id]?.output };
  const resolved = compiled.ok ? compiled.template.evaluate(values) : undefined;
  const args = resolved?.ok === true ? resolved.value : written;
  return contentHash({ tool: step["tool"] ?? null, version: entryFor(step, situation)?.version ?? "", args });
}

const UNTOUCHED: ReadonlySet<StepStateName> = new Set(["pending", "skipped", "failed", "cancelled"]);

/** Nothing of it is done or under way: it may do something else. */
export function isOpen(id: string, { outcomes }: Pick<Replanning, "outcomes">): boolean {
  return UNTOUCHED.has(outcomes[id]?.state ?? "pending");
}

export function entryFor(
  { tool }: JsonObject,
  { capabilities }: Pick<Situation, "capabilities">,
): CatalogEntry | undefined {
  return typeof tool === "string" ? capabilities.entries.get(tool) : undefined;
}
