import { describe, expect, it } from "vitest";
import { ancestorsIn, draftOf, fileOf, writing } from "./kit.ts";

function needsOf(capabilities: Parameters<typeof fileOf>[0]) {
  const draft = draftOf(fileOf(capabilities));
  return {
    order: draft.changes.map(({ change }) => change.id),
    needs: draft.changes.flatMap(({ change, needs }) =>
      needs.map((need) => [change.id, need.on, need.kind, need.reason]),
    ),
    ancestors: ancestorsIn(draft),
  };
}

describe("what has to be merged before what", () => {
  it("is what requirements and remedies declare, with who says so", () => {
    const { needs } = needsOf([
      { id: "base", remedies: [writing("a")] },
      { id: "top", needs: ["base"], remedies: [{ ...writing("b"), needs: ["side"] }] },
      { id: "side", remedies: [writing("c")] },
    ]);
    expect(needs).toEqual([
      ["top", "base", "declared", "top needs base"],
      ["top", "side", "declared", "the remedy write needs side"],
    ]);
  });

  it("keeps changes apart that may touch the same file, the more urgent one first", () => {
    const { needs } = needsOf([
      { id: "first", remedies: [{ ...writing("src/a.ts"), files: ["src/*.ts"] }] },
      { id: "second", remedies: [writing("src/b.ts")] },
      { id: "other", remedies: [writing("docs/b.md")] },
    ]);
    expect(needs).toEqual([["second", "first", "files", "src/b.ts and src/*.ts may be the same file"]]);
  });

  it("merges what a check reads before it is asked, whoever is more urgent", () => {
    const { order, needs } = needsOf([
      { id: "lint", check: { kind: "command", run: ["node", "scripts/lint.mjs"] }, remedies: [writing("src/a.ts")] },
      { id: "script", remedies: [writing("scripts/lint.mjs")] },
    ]);
    expect(order).toEqual(["script", "lint"]);
    expect(needs).toEqual([
      ["lint", "script", "reads", "its acceptance check reads scripts/lint.mjs, which that one may touch"],
    ]);
  });

  it("merges what a command of a remedy needs before it", () => {
    const remedy = { name: "format", files: ["src/**"], actions: [{ do: "format", run: ["npm", "run", "format"] }] };
    const { needs } = needsOf([
      { id: "format", remedies: [remedy] },
      { id: "manifest", remedies: [writing("package.json")] },
    ]);
    expect(needs).toEqual([
      ["format", "manifest", "reads", "a command of it needs package.json, which that one may touch"],
    ]);
  });

  it("writes a file before it is edited, and edits it before it is taken away", () => {
    const { order } = needsOf([
      { id: "gone", remedies: [{ name: "x", actions: [{ do: "delete", path: "a" }] }] },
      { id: "edited", remedies: [{ name: "x", actions: [{ do: "edit", path: "a", find: "x", replace: "y" }] }] },
      { id: "written", remedies: [writing("a")] },
    ]);
    expect(order).toEqual(["written", "edited", "gone"]);
  });

  it("goes by urgency where wishes go in a circle", () => {
    const reads = (files: string) => ({ kind: "file", files });
    const { order, needs } = needsOf([
      { id: "one", check: reads("b"), remedies: [writing("a")] },
      { id: "two", check: reads("a"), remedies: [writing("b")] },
    ]);
    expect(order).toEqual(["one", "two"]);
    expect(needs).toEqual([["two", "one", "reads", "its acceptance check reads a, which that one may touch"]]);
  });

  it("leaves out what follows from other edges, and keeps what is declared", () => {
    const { needs } = needsOf([
      { id: "a", remedies: [writing("same")] },
      { id: "b", remedies: [writing("same")] },
      { id: "c", needs: ["a"], remedies: [writing("same")] },
    ]);
    expect(needs.map(([id, on, kind]) => [id, on, kind])).toEqual([
      ["b", "a", "files"],
      ["c", "a", "declared"],
      ["c", "b", "files"],
    ]);
  });

  it("reads which files a patch names out of its heads alone", () => {
    const patch = [
      "--- a/src/old.ts",
      "+++ b/src/old.ts",
      "@@ -1,2 +1,2 @@",
      "--- a/not/a/head",
      "+++ b/not/a/head",
      " same",
      '--- "a/with \\303\\244.txt"',
      "+++ /dev/null",
      "@@ -1 +0,0 @@",
      "-gone",
      "",
    ].join("\n");
    const draft = draftOf(fileOf([{ id: "x", remedies: [{ name: "p", actions: [{ do: "patch", patch }] }] }]));
    expect(draft.changes[0]?.change.files).toEqual(["src/old.ts", "with ä.txt"]);
  });
});
