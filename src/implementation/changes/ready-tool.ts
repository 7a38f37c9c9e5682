import { z } from "zod";
import { check } from "#src/implementation/checks/check.ts";
import { pathArgument } from "#src/tools/builtin/root.ts";
import { defineTool, type Tool } from "#src/tools/define.ts";
import { planKey } from "./change-names.ts";
import type { MakingOptions } from "./make-tools.ts";
import { repositoryArgument } from "./merge-tools.ts";

const MAX_NEEDED = 5_000;

/** Looks, and ends what a crash has left of a merge. */
export function readyTool({ reach, check: runner }: MakingOptions): Tool {
  return defineTool({
    name: "change.ready",
    version: "1.0.0",
    description:
      "Finds out whether changes can be made: a branch, a clean tree, the programs, files and checks that they need.",
    domains: ["implementation"],
    input: z.strictObject({
      repository: repositoryArgument,
      plan: planKey.exactOptional(),
      checks: z.array(check).max(MAX_NEEDED).default([]).describe("that have to pass before"),
      programs: z.array(z.string().min(1)).max(MAX_NEEDED).default([]).describe("that the changes run"),
      files: z.array(pathArgument).max(MAX_NEEDED).default([]).describe("that have to be there"),
    }),
    output: z.object({ head: z.string(), branch: z.string() }),
    sideEffects: "write",
    idempotent: true,
    async run({ repository: place, checks, programs, files }, context) {
      const { readiness } = await import("./readiness.ts");
      const { openRepository } = await import("./repository.ts");
      const repository = await openRepository(reach, context, place);
      return readiness(repository, { needed: { checks, programs, files }, check: runner }, context);
    },
  });
}
