import { z } from "zod";
import { risk, threePoints } from "#src/implementation/changes/change.ts";
import type { Draft, DraftedChange } from "./drafted.ts";
import type { Totals } from "./totals.ts";

// What is told of a draft: plain data, the output of the step that drafts, and what tables, trees and charts are made from. The contents of
// files are not in it; the plan has them.

const text = z.string();
const passedOver = z.object({ remedy: text, code: text, reason: text });

const shownChange = z.object({
  id: text,
  gap: text,
  title: text,
  remedy: text,
  origin: z.enum(["actions", "template", "model"]),
  priority: z.int(),
  risk,
  difficulty: z.object({ level: z.int(), reasons: z.array(text) }),
  estimate: z.object({ points: threePoints, basis: z.enum(["declared", "assumed", "learned"]), text }),
  cost: z.number(),
  irreversible: z.boolean(),
  actions: z.int(),
  lines: z.int(),
  files: z.array(text),
  needs: z.array(z.object({ on: text, kind: z.enum(["declared", "files", "reads"]), reason: text })),
  alternatives: z.array(text).describe("remedies that are tried where it fails"),
  passedOver: z.array(passedOver).describe("remedies before it, and why not"),
  reasons: z.array(text).describe("why it is as urgent as it is"),
  unblocks: z.array(text),
});
export type ShownChange = z.output<typeof shownChange>;

const shownTotals = z.object({
  p50Ms: z.number().describe("of half of all runs, once approved and begun"),
  p90Ms: z.number(),
  workMs: z.number().describe("of all changes one after the other"),
  workDeviationMs: z.number(),
  criticalPath: z.array(text),
  parallel: z.int(),
  schedule: z.record(text, z.object({ startMs: z.number(), endMs: z.number(), slackMs: z.number() })),
});
export type ShownTotals = z.output<typeof shownTotals>;

export const shownDraft = z.object({
  changes: z.array(shownChange).describe("in the order in which they are merged"),
  approvals: z.array(
    z.object({
      policy: text,
      for: z.enum(["plan", "change"]),
      role: text.optional(),
      approvers: z.int(),
      changes: z.array(text),
    }),
  ),
  open: z.array(
    z.object({ requirement: text, title: text, code: text, reason: text, passedOver: z.array(passedOver) }),
  ),
  totals: shownTotals.nullable(),
});
export type ShownDraft = z.output<typeof shownDraft>;

export function shownOf({ changes, policies, open }: Draft, totals: Totals | undefined): ShownDraft {
  return {
    changes: changes.map(shownChangeOf),
    approvals: policies.map(({ policy: { name, role, approvers, for: of }, covers }) => ({
      ...{ policy: name, for: of, approvers },
      ...(role === undefined ? {} : { role }),
      changes: covers.map((at) => changes[at]?.change.id ?? ""),
    })),
    open: open.map((one) => ({ ...one, passedOver: [...one.passedOver] })),
    totals: totals === undefined ? null : shownTotalsOf(totals),
  };
}

export function shownChangeOf(drafted: DraftedChange): ShownChange {
  const { change, origin, estimate, lines, needs, passedOver: passed, reasons, unblocks } = drafted;
  const { id, gap, title, remedy, priority, risk: dangers, difficulty, cost, irreversible, files, actions } = change;
  return {
    ...{ id, gap, title, remedy, origin, priority, risk: dangers, difficulty, estimate, cost, irreversible, lines },
    actions: actions.length,
    files: [...files],
    needs: needs.map((need) => ({ ...need })),
    alternatives: (change.alternatives ?? []).map((one) => one.remedy),
    passedOver: passed.map((one) => ({ ...one })),
    reasons: [...reasons],
    unblocks: [...unblocks],
  };
}

function shownTotalsOf({ schedule, criticalPath, ...numbers }: Totals): ShownTotals {
  const rows = [...schedule].map(([id, slot]) => [id, { ...slot }] as const);
  return { ...numbers, criticalPath: [...criticalPath], schedule: Object.fromEntries(rows) };
}
