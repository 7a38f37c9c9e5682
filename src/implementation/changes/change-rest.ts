import { z } from "zod";
import { restOfPlan, type RestOfPlan, type StepDefinition, type ToolStep } from "#events/definition.ts";
import { errorInfo } from "#events/errors.ts";
import type { Json } from "#events/json.ts";
import { literal } from "#src/language/literal.ts";
import { change, type Change } from "./change.ts";
import { MAKE_TOOL, MERGE_TOOL, RESOLVE_TOOL } from "#projections/changes-view.ts";
import { mergeStepOf } from "#src/implementation/plan-names.ts";

// How a plan of changes goes on where steps of it failed for good.
//
// R1. A change that does not go together with what came before it is made anew on what is there now, and merged, by one step in the place
//     of its merge. Where that fails too, the failure stays.
// R2. A change that could not be made gives way to its next alternative, with the approvals that it needed.
// R3. Anything else that failed stays in the plan as it is, and is tried once more with what goes on: it is not forgotten. Nothing that has
//     effects outside is tried again like that.

const failure = z.object({
  plan: restOfPlan,
  outcomes: z.record(z.string(), z.looseObject({ state: z.string(), error: errorInfo.optional() })),
});

export type ChangeRest =
  | { readonly kind: "plan"; readonly rest: RestOfPlan; readonly changes: readonly string[] }
  | { readonly kind: "nothing"; readonly reason: string };

const OPEN: ReadonlySet<string> = new Set(["pending", "skipped", "failed", "cancelled"]);

export function changeRest(given: unknown): ChangeRest {
  const told = failure.safeParse(given);
  if (!told.success) return { kind: "nothing", reason: "nothing was told of the failure" };
  const { plan, outcomes } = told.data;
  const stateOf = ({ id }: StepDefinition): string => outcomes[id]?.state ?? "pending";
  const failed = plan.steps.filter((step) => stateOf(step) === "failed");
  const names = new Set(plan.steps.map(({ id }) => id));
  const repairs = failed.flatMap((step) =>
    repairOf(step, { steps: plan.steps, error: outcomes[step.id]?.error, names }),
  );
  const repaired = new Set(repairs.flatMap((repair) => [...repair.instead.keys()]));
  const others = failed.filter(({ id }) => !repaired.has(id));
  if (repairs.length === 0)
    return {
      kind: "nothing",
      reason: others.map((step) => adviceOf(step, outcomes[step.id]?.error?.message)).join("; "),
    };
  const unrepeatable = others.find((step) => changeOf(step)?.irreversible === true);
  if (unrepeatable !== undefined) {
    return {
      kind: "nothing",
      reason: `${unrepeatable.id} failed, and does what nothing takes back: look at it, then \`planwright retry\``,
    };
  }
  const instead = new Map(repairs.flatMap((repair) => [...repair.instead]));
  const open = plan.steps.filter((step) => OPEN.has(stateOf(step)) && !instead.has(step.id));
  const steps = [...open, ...repairs.flatMap((repair) => repair.steps)].map((step) => needing(step, instead));
  const { outputs, returns, respond, calls } = plan;
  const rest = {
    steps,
    ...(outputs === undefined ? {} : { outputs }),
    ...(returns === undefined ? {} : { returns }),
    ...(respond === undefined ? {} : { respond }),
    ...(calls === undefined ? {} : { calls }),
  };
  return { kind: "plan", rest, changes: repairs.map((repair) => repair.why) };
}

interface Repair {
  readonly steps: readonly StepDefinition[];
  /** By the step that gives way. */
  readonly instead: ReadonlyMap<string, string>;
  readonly why: string;
}

interface Around {
  readonly steps: readonly StepDefinition[];
  readonly error: z.output<typeof errorInfo> | undefined;
  /** Taken ones. */
  readonly names: Set<string>;
}

function repairOf(step: StepDefinition, around: Around): readonly Repair[] {
  if (step.kind !== "tool") return [];
  const repair = step.call.tool === MERGE_TOOL ? madeAnew(step, around) : otherwise(step, around);
  return repair === undefined ? [] : [repair];
}

/** R1. */
function madeAnew(merge: ToolStep, { steps, error, names }: Around): Repair | undefined {
  const make = steps.find((step) => step.id === merge.call.with?.["change"]);
  const made = make === undefined ? undefined : changeOf(make);
  if (error?.code !== "merge-conflict" || make?.kind !== "tool" || made === undefined) return undefined;
  const id = freeName(`${made.id}_resolve`, names);
  const asked = new Set(steps.filter((step) => step.kind === "approve").map((step) => step.id));
  const needs = made.irreversible ? make.needs : make.needs.filter((need) => !asked.has(need));
  const step: ToolStep = {
    ...make,
    id,
    description: `Makes anew and merges: ${made.title}`,
    needs: [...new Set([...needs, make.id])],
    call: { ...make.call, tool: RESOLVE_TOOL },
    ...(merge.undo === undefined ? {} : { undo: merge.undo }),
  };
  const why = `${made.id} did not go together with what came before: it is made anew on that`;
  return { steps: [step], instead: new Map([[merge.id, id]]), why };
}

/** R2. */
function otherwise(make: ToolStep, { steps, names }: Around): Repair | undefined {
  const made = make.call.tool === MAKE_TOOL ? changeOf(make) : undefined;
  const [next, ...alternatives] = made?.alternatives ?? [];
  const merge = steps.find(
    (step) => step.kind === "tool" && step.call.tool === MERGE_TOOL && step.needs.includes(make.id),
  );
  if (made === undefined || next === undefined || merge?.kind !== "tool") return undefined;
  const id = freeName(`${made.id}_instead`, names);
  const merging = freeName(mergeStepOf(id), names);
  const { alternatives: _, ...before } = made;
  const changed: Change = { ...before, ...next, id, ...(alternatives.length === 0 ? {} : { alternatives }) };
  const written = z.json().parse(JSON.parse(JSON.stringify(changed)));
  const making: ToolStep = {
    ...make,
    id,
    description: changed.title,
    call: { ...make.call, with: { ...make.call.with, change: literal(written) } },
  };
  const merged: ToolStep = {
    ...merge,
    id: merging,
    needs: merge.needs.map((need) => (need === make.id ? id : need)),
    call: { ...merge.call, with: { ...merge.call.with, change: id, made: `\${steps.${id}.output}` } },
  };
  const instead = new Map([
    [make.id, id],
    [merge.id, merging],
  ]);
  return { steps: [making, merged], instead, why: `${made.id} could not be made: ${next.remedy} is tried instead` };
}

/** What the step makes, as it stands in the plan. */
function changeOf(step: StepDefinition): Change | undefined {
  if (step.kind !== "tool" || (step.call.tool !== MAKE_TOOL && step.call.tool !== RESOLVE_TOOL)) return undefined;
  return change.safeParse(unescaped(step.call.with?.["change"] ?? null)).data;
}

function needing(step: StepDefinition, instead: ReadonlyMap<string, string>): StepDefinition {
  return { ...step, needs: [...new Set(step.needs.map((need) => instead.get(need) ?? need))] };
}

function freeName(wanted: string, names: Set<string>): string {
  let name = wanted;
  for (let number = 2; names.has(name); number++) name = `${wanted}_${number}`;
  names.add(name);
  return name;
}

function adviceOf(step: StepDefinition, message = "it failed"): string {
  if (step.kind !== "tool" || step.call.tool !== RESOLVE_TOOL) return `${step.id}: ${message}`;
  return `${step.id}: made anew it does not go either (${message}). Make by hand what is in its way fit, commit that, then \`planwright retry\``;
}

/** What `literal` has written. */
function unescaped(value: unknown): Json {
  const given = z.json().parse(value);
  if (typeof given === "string") return given.replaceAll("$${", "${");
  if (Array.isArray(given)) return given.map(unescaped);
  if (typeof given !== "object" || given === null) return given;
  return Object.fromEntries(Object.entries(given).map(([key, inner]) => [key, unescaped(inner)]));
}
