import type { StepDefinition } from "#events/definition.ts";
import type { Calls } from "./check-context.ts";
import type { Dependencies } from "./dependencies.ts";
import { alternativeOf, toolPartOf } from "./normal-call.ts";
import type { BlockDraft, StepDraft } from "./step-draft.ts";
import type { Kind } from "./vocabulary.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";

// The normal form of steps, kind by kind: what was written with abbreviations becomes what facts carry. A step inside
// another has the priority of what is around it where it has none of its own.

export interface Around {
  readonly tools: ToolRegistry;
  readonly calls: Calls;
}

export interface Level extends Around {
  /** Of the steps of this block. */
  readonly dependencies: Dependencies;
  /** Of the step around. */
  readonly priority: number | undefined;
}

/** Undefined only where something is missing that the checks report. */
export function normalSteps(drafts: readonly StepDraft[], level: Level): StepDefinition[] | undefined {
  const steps = drafts.map((draft) => stepOf(draft, level));
  return steps.every((step) => step !== undefined) ? steps : undefined;
}

function stepOf(draft: StepDraft, level: Level): StepDefinition | undefined {
  if (draft.kind === "opaque") return undefined;
  const { tools, dependencies } = level;
  const fallback = draft.source.fallback.map((alternative) => alternativeOf(alternative, tools));
  if (!fallback.every((alternative) => alternative !== undefined)) return undefined;
  const priority = draft.source.priority ?? level.priority;
  const needs = [...(dependencies.needs.get(draft.id) ?? [])];
  const own = { ...anyStepFields(draft.source), ...(priority === undefined ? {} : { priority }) };
  return kindOf(draft, { ...level, priority }, { id: draft.id, needs, fallback, ...own });
}

type KnownDraft<K = unknown> = Extract<Exclude<StepDraft, { kind: "opaque" }>, { kind: K }>;
type Fields = Omit<Extract<StepDefinition, { kind: "value" }>, "kind" | "value">;

function kindOf<K extends Kind>(draft: KnownDraft<K> & { kind: K }, level: Level, fields: Fields) {
  return KINDS[draft.kind](draft, level, fields);
}

const KINDS: {
  readonly [K in Kind]: (draft: KnownDraft<K>, level: Level, fields: Fields) => StepDefinition | undefined;
} = {
  tool: ({ source }, { tools }, fields) => {
    const tool = tools.get(source.tool);
    const part = tool && toolPartOf(source, tool, tools);
    return part && { kind: "tool", ...fields, ...part };
  },
  value: ({ source: { value } }, _, fields) => ({ kind: "value", ...fields, value }),
  wait: ({ source: { wait } }, _, fields) => ({ kind: "wait", ...fields, wait }),
  each: (draft, level, fields) => {
    const { each: items, as, concurrency, tolerate } = draft.source;
    const body = bodyOf(draft, level);
    return body && { kind: "each", ...fields, items, as, body, concurrency, tolerate };
  },
  repeat: (draft, level, fields) => {
    const { until, max } = draft.source;
    const body = bodyOf(draft, level);
    return body && { kind: "repeat", ...fields, body, until, max };
  },
  signal: ({ source: { signal } }, _, fields) => ({ kind: "signal", ...fields, signal }),
  approve: ({ source }, _, fields) => {
    const { role, approvers = 1, show, expires } = source.approve;
    return {
      kind: "approve",
      ...fields,
      ...(role === undefined ? {} : { role }),
      ...(approvers === 1 ? {} : { approvers }),
      ...(show === undefined ? {} : { show }),
      ...(expires === undefined ? {} : { expiresMs: expires }),
    };
  },
  call: ({ source }, { calls }, fields) => {
    const called = calls.find(source.call);
    if (!("key" in called)) return undefined;
    return { kind: "call", ...fields, plan: called.key, ...(source.with === undefined ? {} : { with: source.with }) };
  },
};

function bodyOf({ id, block }: { readonly id: string; readonly block: BlockDraft }, level: Level) {
  const dependencies = level.dependencies.inside.get(id);
  const steps = dependencies === undefined ? undefined : normalSteps(block.drafts, { ...level, dependencies });
  return steps && { steps, output: block.output };
}

type AnyStepSource = Exclude<StepDraft, { kind: "opaque" }>["source"];

function anyStepFields({ join, when, deadline, estimate, description }: AnyStepSource) {
  return {
    join,
    ...(when === undefined ? {} : { when }),
    ...(deadline === undefined ? {} : { deadlineMs: deadline }),
    ...(estimate === undefined ? {} : { estimateMs: estimate }),
    ...(description === undefined ? {} : { description }),
  };
}
