import { describe, expect, it } from "vitest";
import { toolRegistry } from "#src/all-tools.ts";
import { Cells } from "#src/executor/isolation/cells.ts";
import { codeContext } from "#src/implementation/codebase/code-context.ts";
import { codebaseContext } from "#src/implementation/codebase/context-shape.ts";
import { plannable } from "#src/planning/request/planning.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { contextOf, outputOf, temporaryDirectory } from "../../tools/context.ts";
import { writeTree } from "./kit.ts";

describe("code.context", () => {
  it("summarises a directory in a thread of its own, and tells how far it is", async () => {
    const root = await temporaryDirectory();
    await writeTree(root, { "app/a.ts": "import './b.ts'", "app/b.ts": "" });
    const said: unknown[] = [];
    await using cells = new Cells({ clock: systemClock });
    const call = { tool: codeContext, isolate: "thread" as const, args: { directory: "app", graph: true } };
    const outcome = await cells.run(call, contextOf({ root, said })).outcome;
    if (!outcome.ok) throw new Error(outcome.error.message);
    expect(codebaseContext.parse(outcome.output)).toMatchObject({
      directory: "app",
      totals: { files: 2 },
      graph: { imports: { count: 1, first: [["a.ts", "b.ts"]] }, packages: { count: 0, first: [] } },
    });
    expect(said).toContainEqual({ percent: 0 });
  });

  it("stays inside the root", async () => {
    const root = await temporaryDirectory();
    await expect(outputOf(codeContext, { directory: "../.." }, { root })).rejects.toThrow("permission outside-root");
    await expect(outputOf(codeContext, { directory: "gone" }, { root })).rejects.toThrow("not-found");
  });

  it("is there for plans, and is not what a request in words is planned with", () => {
    const tools = toolRegistry();
    const planned = plannable({ tools, granted: {}, reports: [], past: [], now: 0 });
    expect(tools.list().map(({ name }) => name)).toContain("code.context");
    expect(planned.map(({ name }) => name)).not.toContain("code.context");
  });
});
