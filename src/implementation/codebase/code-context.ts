import { z } from "zod";
import { pathArgument } from "#src/tools/builtin/root.ts";
import { defineTool } from "#src/tools/define.ts";
import { fromModule } from "#src/tools/module.ts";
import { codebaseContext } from "./context-shape.ts";
import { CODEBASE_MODULE } from "./module-name.ts";

// What a codebase is, as a step: before an assessment, and as context for whoever proposes changes. It reads everything, so it has a
// thread of its own.

const TIMEOUT_MS = 10 * 60 * 1000;

export const CONTEXT_TOOL = "code.context";

export const codeContext = fromModule(
  defineTool({
    name: CONTEXT_TOOL,
    version: "1.0.0",
    description:
      "Summarises the codebase in a directory: languages and sizes, manifests and dependencies, imports, tests, history by git.",
    domains: ["implementation"],
    input: z.strictObject({
      directory: pathArgument.default(".").describe("inside the root"),
      graph: z.boolean().default(false).describe("whether single imports and dependencies are told, up to 20,000 each"),
    }),
    output: codebaseContext,
    sideEffects: "read",
    isolate: "thread",
    timeoutMs: TIMEOUT_MS,
    async run({ directory, graph }, context) {
      const { summaryOf } = await import("./codebase.ts");
      let told = -1;
      const progress = (share: number): void => {
        const percent = Math.floor(share * 100);
        if (percent > told) context.progress({ percent });
        told = percent;
      };
      return summaryOf(context, directory, { graph, progress });
    },
  }),
  CODEBASE_MODULE,
);
