import { z } from "zod";
import { MERGE_TOOL } from "#projections/changes-view.ts";
import { defineTool, type Tool } from "#src/tools/define.ts";
import { pathArgument } from "#src/tools/builtin/root.ts";
import { changeId, planKey } from "./change-names.ts";
import { changeRecord, classed } from "./change-record.ts";
import type { Reach } from "./repository.ts";

// change.merge and its undo call, change.revert.
// What they need is loaded when one is called.

const REVERT_TOOL = "change.revert";

/** A directory of a repository's top, inside the root. */
export const repositoryArgument = pathArgument.default(".").describe("the repository's top, inside the root");

export function mergeTool(reach?: Reach): Tool {
  return defineTool({
    name: MERGE_TOOL,
    version: "1.0.0",
    description: "Brings the commit of a change into the branch that is checked out, and into the working tree.",
    domains: ["implementation"],
    input: z.strictObject({
      repository: repositoryArgument,
      plan: planKey,
      change: changeId,
      made: z
        .looseObject({ commit: z.string(), base: z.string(), classed: classed.exactOptional() })
        .describe("the output of `change.make`"),
    }),
    output: z.object({ record: changeRecord, classed: classed.exactOptional() }),
    sideEffects: "write",
    idempotent: true,
    async run({ repository: place, plan, change, made }, context) {
      const { mergeChange } = await import("./merging.ts");
      const { openRepository } = await import("./repository.ts");
      const { refuseEmpty } = await import("./repository-state.ts");
      const repository = await openRepository(reach, context, place);
      await refuseEmpty(repository);
      const record = await mergeChange(repository, { name: { plan, change }, made }, context);
      return { record, ...(made.classed === undefined ? {} : { classed: made.classed }) };
    },
  });
}

export function revertTool(reach?: Reach): Tool {
  return defineTool({
    name: REVERT_TOOL,
    version: "1.0.0",
    description: "Takes a merged change back: its files as they were before, and a commit that says so.",
    domains: ["implementation"],
    input: z.strictObject({
      repository: repositoryArgument,
      plan: planKey,
      change: changeId.exactOptional().describe("for where nobody knows whether it was merged"),
      record: changeRecord.nullable().describe("of the output of `change.merge`; null where there is none"),
    }),
    output: z.object({
      outcome: z.enum(["taken-back", "nothing"]),
      files: z.array(z.string()),
      commit: z.string().nullable(),
    }),
    sideEffects: "write",
    idempotent: true,
    async run({ repository: place, plan, change, record }, context) {
      const { refuseUnnamed, takeBack } = await import("./taking-back.ts");
      const { openRepository } = await import("./repository.ts");
      const { refuseEmpty } = await import("./repository-state.ts");
      const repository = await openRepository(reach, context, place);
      const id = record?.change ?? change;
      await refuseEmpty(repository);
      if (id === undefined) {
        await refuseUnnamed(repository, plan, context);
        return { outcome: "nothing" as const, files: [], commit: null };
      }
      const { outcome, files, commit } = await takeBack(repository, { name: { plan, change: id }, record }, context);
      return { outcome, files: [...files], commit };
    },
  });
}
