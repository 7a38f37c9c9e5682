// A plan of changes in the shape that such plans have, and what their tools give: for reports to look at.
import type { StepDefinition, ToolStep } from "#events/definition.ts";
import { json, type Json } from "#events/json.ts";
import { change, type Change } from "#src/implementation/changes/change.ts";
import { literal } from "#src/language/literal.ts";
import { approve, ONCE, signal, THRICE, tool } from "../../machines/plans.ts";

export const MINUTE = 60_000;

export function changeOf(id: string, fields: Partial<Change> = {}): Change {
  return change.parse({
    id,
    title: `Does what ${id} is for`,
    gap: id,
    remedy: `remedy_${id}`,
    weight: 1,
    priority: 0,
    risk: "low",
    difficulty: { level: 2, reasons: ["it is small"] },
    estimate: { optimisticMs: MINUTE, likelyMs: 2 * MINUTE, pessimisticMs: 6 * MINUTE },
    files: [`${id}.txt`],
    actions: [{ do: "write", path: `${id}.txt`, text: "text\n" }],
    acceptance: { kind: "file", files: `${id}.txt` },
    ...fields,
  });
}

export interface Planned {
  readonly change: Change;
  /** Ids of changes and of approve steps. */
  readonly needs?: readonly string[];
}

const APPROVAL = /^approve_/u;

/** `approve_NAME` among the needs is an approve step by the editors, for all changes that need it. */
export function stepsOf(planned: readonly Planned[], retry: ToolStep["retry"] = THRICE): readonly StepDefinition[] {
  const approvals = [...new Set(planned.flatMap(({ needs = [] }) => needs.filter((need) => APPROVAL.test(need))))];
  return [
    signal("begin", "implement"),
    ...approvals.map((id) => approve(id, { role: "editor", show: "the changes" })),
    tool("ready", { needs: ["begin"], retry: ONCE }, { tool: "change.ready" }),
    ...planned.flatMap((one) => pairOf(one, retry)),
  ];
}

function pairOf({ change: source, needs = [] }: Planned, retry: ToolStep["retry"]): readonly StepDefinition[] {
  const { id, priority, title } = source;
  const before = needs.map((need) => (APPROVAL.test(need) ? need : `${need}_merge`));
  const written = literal(json.parse(source));
  const making = { repository: ".", plan: "key", change: written };
  const merging = { repository: ".", plan: "key", change: id, made: `\${steps.${id}.output}` };
  const undo = {
    tool: "change.revert",
    version: "1.0.0",
    idempotent: true,
    timeoutMs: MINUTE,
    with: { record: "${output}" },
  };
  return [
    tool(
      id,
      { needs: ["ready", ...before], retry, priority, description: title },
      { tool: "change.make", with: making },
    ),
    tool(
      `${id}_merge`,
      { needs: [id], retry: ONCE, undo: { call: undo, retry: ONCE } },
      { tool: "change.merge", with: merging },
    ),
  ];
}

/** What `change.make` gives. */
export function madeOf(id: string, text = `has ${id}.txt`): Json {
  const acceptance = {
    requirement: id,
    verdict: "met",
    evidence: [{ text, path: `${id}.txt`, line: 1 }],
    durationMs: 5,
    cached: false,
  };
  return {
    ...{ commit: "c".repeat(40), base: "b".repeat(40), patch: `+++ ${id}.txt\n+text\n`, files: [`${id}.txt`] },
    ...{ acceptance, durationMs: 1_000 },
  };
}

/** What `change.merge` gives. */
export function mergedOf(id: string): Json {
  const after = { kind: "file", mode: 0o644, oid: "a".repeat(40) };
  return {
    record: {
      ...{ change: id, base: "b".repeat(40), commit: "d".repeat(40) },
      files: [{ path: `${id}.txt`, before: { kind: "none" }, after }],
      directories: [],
    },
  };
}
