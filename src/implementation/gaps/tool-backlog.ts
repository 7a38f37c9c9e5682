import { z } from "zod";
import { requirement } from "#src/implementation/requirements/requirement.ts";
import { BACKLOG_TOOL } from "#src/implementation/plan-names.ts";
import { defineTool, ToolFailure, type Tool } from "#src/tools/define.ts";

// What is missing, as the history of the store says: requirements as data, which `assess` takes.

const MAX_REQUESTS = 10_000;

const backlog = z.object({ requirements: z.string(), title: z.string(), capabilities: z.array(requirement) });

export function backlogTool(): Tool {
  return defineTool({
    name: BACKLOG_TOOL,
    version: "1.0.0",
    description:
      "Derives requirements from refused requests and from tools that keep failing, as the history has them.",
    domains: ["implementation"],
    input: z.strictObject({
      requests: z.int().positive().max(MAX_REQUESTS).default(1_000).describe("how many are looked at, the newest ones"),
    }),
    output: backlog,
    sideEffects: "read",
    async run({ requests: limit }, { history, signal }) {
      if (history === undefined) throw new ToolFailure("not-found", "there is no history here", { code: "no-history" });
      const { backlogOf } = await import("./backlog.ts");
      const [requests, reports] = await Promise.all([history.requests(limit), history.toolReports()]);
      signal.throwIfAborted();
      const capabilities = [...backlogOf({ requests, reports })];
      return { requirements: "backlog", title: "What requests and tools have wanted", capabilities };
    },
  });
}
