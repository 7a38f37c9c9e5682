import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { builtinTools } from "#src/tools/builtin/all.ts";
import type { Tool } from "#src/tools/define.ts";
import { registry } from "#src/tools/registry.ts";

const NAMES = [
  ...["fs.read", "fs.write", "fs.list", "fs.glob", "fs.snapshot", "fs.restore", "shell.run", "http.get", "http.json"],
  ...[
    "git.log",
    "git.diff",
    "git.status",
    "json.read",
    "json.transform",
    "csv.read",
    "text.wrap",
    "text.replace",
    "text.count",
  ],
];

/** The row of docs/tools.md that this definition deserves. */
function rowOf(tool: Tool): string {
  const { properties, required } = tool.inputSchema as { properties: object; required?: string[] };
  const args = Object.keys(properties).map((name) => `\`${name}\`${required?.includes(name) === true ? "" : "?"}`);
  const idempotent = tool.idempotent ? "yes" : "no";
  const cells = [`\`${tool.name}\``, tool.version, tool.sideEffects, idempotent, args.join(" "), tool.description];
  return `| ${cells.join(" | ")} |`;
}

describe("the built-in tools", () => {
  it("are the ones that the design names", () => {
    const names = registry(builtinTools)
      .list()
      .map(({ name }) => name);
    expect(names).toEqual(NAMES.toSorted());
  });

  it.each(builtinTools.map((tool) => [tool.name, tool] as const))(
    "%s refuses an argument it does not know",
    (_name, tool) => {
      expect(tool.inputSchema).toHaveProperty("additionalProperties", false);
      expect(tool.input.safeParse({ noSuchArgument: 1 }).success).toBe(false);
    },
  );

  it("are idempotent when they read, and of the others those are that write whole files", () => {
    const others = builtinTools.filter(({ sideEffects }) => sideEffects !== "read");
    expect(others.map(({ name, idempotent }) => [name, idempotent])).toEqual([
      ["fs.restore", true],
      ["fs.write", true],
      ["shell.run", false],
    ]);
  });

  it("stand in docs/tools.md, each with a row that agrees with its definition", async () => {
    const page = await readFile(new URL("../../../docs/tools.md", import.meta.url), "utf8");
    const rows = page
      .split("\n")
      .filter((line) => /^\| `[^`]+` +\| \d+\.\d+\.\d+ /.test(line))
      .map((line) => line.replaceAll(/ +/g, " "));
    expect(rows).toEqual(registry(builtinTools).list().map(rowOf));
  });
});
