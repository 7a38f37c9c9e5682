import { execFile, spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PLAN_STATES } from "#machines/plan-chart.ts";
import { completion, type Shell } from "#src/cli/commands/completion.ts";
import { completionTable } from "#src/cli/completion/table.ts";
import { buildProgram } from "#src/cli/program.ts";
import { requireServer } from "../require.ts";
import { saidTerminal } from "./said-terminal.ts";
import { temporaryFolder, type TemporaryFolder } from "../store/folder.ts";

// The scripts in the shells that they are for: real ones, asked what they offer at the end of a line.

const SHELL_MS = 30_000;
const ASKS = fileURLToPath(new URL("../fixtures/completion/", import.meta.url));

const { said, terminal } = saidTerminal();
const program = buildProgram(terminal, () => undefined);
const table = completionTable(program);

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
  for (const shell of ["bash", "zsh", "fish"] as const) {
    said.length = 0;
    completion({ shell, json: false }, program, terminal);
    await writeFile(path.join(folder.path, `script.${shell}`), said.join("\n"));
  }
  const work = path.join(folder.path, "work");
  for (const name of ["plans", "tools"]) await mkdir(path.join(work, name), { recursive: true });
  for (const name of ["a.plan.yaml", "b.json", "c.plan.ts", "notes.txt"]) await writeFile(path.join(work, name), "");
});
afterAll(() => folder[Symbol.asyncDispose]());

const START: Readonly<Record<Shell, readonly string[]>> = {
  bash: ["bash", "--norc"],
  zsh: ["zsh", "-f"],
  fish: ["fish", "--no-config"],
};

/** What a shell offers at the end of a line, sorted. */
async function offered(shell: Shell, line: string): Promise<readonly string[]> {
  const [command = "", ...options] = START[shell];
  const words = shell === "bash" ? line.split(" ") : [line];
  const args = [...options, path.join(ASKS, `ask.${shell}`), path.join(folder.path, `script.${shell}`), ...words];
  const cwd = path.join(folder.path, "work");
  const { stdout } = await promisify(execFile)(command, args, { cwd, timeout: SHELL_MS });
  const lines = stdout.split("\n").filter((one) => one !== "");
  return [...new Set(lines.map((one) => one.replace(/\/$/, "")))].sort();
}

const PLAN_FILES = ["a.plan.yaml", "b.json", "c.plan.ts", "plans", "tools"];

const LINES: readonly (readonly [line: string, offers: readonly string[]])[] = [
  ["planwright sub", ["submit"]],
  ["planwright blobs ", ["list", "sweep", "usage"]],
  ["planwright list --sta", ["--status"]],
  ["planwright list --status rol", ["rolled-back", "rolling-back"]],
  ["planwright completion ", ["bash", "fish", "zsh"]],
  ["planwright run ", PLAN_FILES],
  ["planwright validate --input name=list ", PLAN_FILES],
  ["planwright run --inputs n", ["notes.txt"]],
  ["planwright run --root t", ["tools"]],
  ["planwright run a.plan.yaml --allow", ["--allow-private-network"]],
  ["planwright --config b.json ru", ["run"]],
  ["planwright show l", ["last"]],
  ["planwright run --slots ", []],
];

const isThere = (shell: Shell): boolean => spawnSync(shell, ["--version"]).status === 0;

for (const shell of ["bash", "zsh", "fish"] as const) {
  requireServer(shell, isThere(shell))(`completion in ${shell}`, () => {
    it.each(LINES)("of %s", { timeout: SHELL_MS }, async (line, offers) => {
      const ours = (await offered(shell, line)).filter((one) => !/^(?:-h|--help|help)$/.test(one));
      expect(ours).toEqual(offers);
    });
  });
}

describe("completion in bash", () => {
  it("takes what follows = and : for the value that it is", async () => {
    expect(await offered("bash", "planwright run --input a = 1 : 2 b")).toEqual(["b.json"]);
    expect(await offered("bash", "planwright list --status = can")).toEqual(["cancelled", "cancelling"]);
  });

  it.each(table)("offers every option and command of planwright $path", async ({ path: name, options, commands }) => {
    const start = ["planwright", name].filter((one) => one !== "").join(" ");
    const flags = options.flatMap((option) => option.flags);
    expect(await offered("bash", `${start} -`)).toEqual([...new Set(flags)].sort());
    if (commands.length === 0) return;
    expect(await offered("bash", `${start} `)).toEqual(commands.map((command) => command.name).sort());
  });
});

describe("the table of completion", () => {
  it("has every command and its choices", () => {
    expect(table.map((entry) => entry.path)).toEqual(expect.arrayContaining(["", "run", "blobs sweep", "completion"]));
    const list = table.find((entry) => entry.path === "list");
    expect(list?.options.find(({ flags }) => flags.includes("--status"))?.value).toEqual({
      kind: "words",
      words: PLAN_STATES,
    });
    expect(list?.options.find(({ flags }) => flags.includes("--live"))).not.toHaveProperty("value");
    const train = table.find((entry) => entry.path === "planner train");
    expect(train?.arguments).toEqual([{ kind: "file" }]);
    expect(train?.options.find(({ flags }) => flags.includes("--out"))?.value).toEqual({ kind: "file" });
  });
});
