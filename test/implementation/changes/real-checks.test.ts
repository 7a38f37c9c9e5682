import { describe, expect, it } from "vitest";
import type { Json } from "#events/json.ts";
import { implementationTools } from "#src/implementation/tools.ts";
import { outputOf, temporaryDirectory } from "../../tools/context.ts";
import { repositoryIn } from "./a-repository.ts";
import { changeOf } from "./some-change.ts";

describe("acceptance by the checks of requirements", () => {
  const make = implementationTools().find(({ name }) => name === "change.make");

  it.each<[string, Json]>([
    ["a file", { kind: "file", files: "LICENSE" }],
    ["a pattern", { kind: "pattern", files: "*.md", matches: "Usage" }],
    ["a value", { kind: "json", file: "package.json", holds: 'document.license == "MIT"' }],
    ["a command", { kind: "command", run: ["grep", "-q", "MIT", "package.json"] }],
  ])("asks for %s where the change was made, and not where the user works", async (_, acceptance) => {
    if (make === undefined) throw new Error("there is no change.make");
    const root = repositoryIn(await temporaryDirectory(), {
      "package.json": '{"license":"none"}',
      "README.md": "# x\n",
    });
    const made = (actions: readonly Json[]) =>
      outputOf(make, { plan: "k", change: changeOf(actions, { acceptance }) }, { root });
    const all = [
      { do: "write", path: "LICENSE", text: "MIT" },
      { do: "edit", path: "README.md", find: "# x\n", replace: "# x\n\n## Usage\n" },
      { do: "edit", path: "package.json", find: "none", replace: "MIT" },
    ];
    await expect(made(all)).resolves.toMatchObject({ acceptance: { verdict: "met" } });
    await expect(made([{ do: "write", path: "other", text: "" }])).rejects.toThrow("acceptance-failed");
  });

  it("says that a check which writes files decides nothing", async () => {
    if (make === undefined) throw new Error("there is no change.make");
    const root = repositoryIn(await temporaryDirectory(), { a: "a" });
    const acceptance = { kind: "command", run: ["sh", "-c", "echo x > a"] };
    const change = changeOf([{ do: "write", path: "b", text: "" }], { acceptance });
    await expect(outputOf(make, { plan: "k", change }, { root })).rejects.toThrow("acceptance-broken");
  });
});
