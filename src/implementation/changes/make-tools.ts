import { z } from "zod";
import { classedOf, type Classed } from "#projections/change-class.ts";
import { MAKE_TOOL, RESOLVE_TOOL } from "#projections/changes-view.ts";
import { answer } from "#src/implementation/gaps/gap.ts";
import { defineTool, type Tool, type ToolContext } from "#src/tools/define.ts";
import { change, type Change } from "./change.ts";
import { planKey } from "./change-names.ts";
import { changeRecord, classed } from "./change-record.ts";
import type { CheckRunner, MadeChange } from "./making.ts";
import { repositoryArgument } from "./merge-tools.ts";
import type { Reach } from "./repository.ts";

// change.make, and change.resolve: the same and the merge in one step, for a change that did not go together with what came before.
// What they need is loaded when one is called.

/** With setup and all actions; those have bounds of their own. */
const TIMEOUT_MS = 4 * 60 * 60 * 1000;

const made = z.object({
  commit: z.string(),
  base: z.string().describe("the commit that it was made on"),
  patch: z.string().nullable().describe("null where it is larger than an output may be; the commit has it"),
  files: z.array(z.string()),
  acceptance: answer.pick({ verdict: true, code: true, evidence: true, durationMs: true }),
  durationMs: z.number(),
  classed,
});

const input = z.strictObject({ repository: repositoryArgument, plan: planKey, change });

export interface MakingOptions {
  /** Default: the system. */
  readonly reach: Reach | undefined;
  readonly check: CheckRunner;
}

export function makeTool(options: MakingOptions): Tool {
  return defineTool({
    name: MAKE_TOOL,
    version: "1.0.0",
    description: "Makes a change in a worktree of its own, and a commit of it where its acceptance check says so.",
    domains: ["implementation"],
    input,
    output: made,
    sideEffects: "write",
    idempotent: true,
    timeoutMs: TIMEOUT_MS,
    run: (given, context) => madeBy(options, given, context),
  });
}

export function resolveTool(options: MakingOptions): Tool {
  return defineTool({
    name: RESOLVE_TOOL,
    version: "1.0.0",
    description: "Makes a change anew on what HEAD is by now, and merges it.",
    domains: ["implementation"],
    input,
    output: made.extend({ record: changeRecord }),
    sideEffects: "write",
    idempotent: true,
    timeoutMs: TIMEOUT_MS,
    async run(given, context) {
      const { mergeChange } = await import("./merging.ts");
      const { openRepository } = await import("./repository.ts");
      const result = await madeBy(options, given, context);
      const name = { plan: given.plan, change: given.change.id };
      const repository = await openRepository(options.reach, context, given.repository);
      return { ...result, record: await mergeChange(repository, { name, made: result }, context) };
    },
  });
}

interface Given {
  readonly repository: string;
  readonly plan: string;
  readonly change: Change;
}

async function madeBy(
  { reach, check }: MakingOptions,
  { repository: place, plan, change: wanted }: Given,
  context: ToolContext,
): Promise<MadeChange & { readonly files: string[]; readonly classed: Classed }> {
  const { makeChange } = await import("./making.ts");
  const { openRepository } = await import("./repository.ts");
  const repository = await openRepository(reach, context, place);
  const name = { plan, change: wanted.id };
  const result = await makeChange(repository, { name, change: wanted, check }, context);
  return { ...result, files: [...result.files], classed: classedOf(wanted) };
}
