import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "#src/cli/exit-code.ts";
import { runCommand } from "#src/cli/main.ts";
import { timeLeft } from "#src/cli/time-left.ts";
import { readModel } from "#src/planning/prediction/model-file.ts";
import { predicted } from "#src/planning/prediction/predictor.ts";
import { planwright } from "../e2e/command.ts";
import { EXAMPLES } from "../planning/prediction/rooms.ts";
import { temporaryFolder, type TemporaryFolder } from "../store/folder.ts";
import { saidTerminal } from "./said-terminal.ts";

const LINES = EXAMPLES.map(({ request, chain }) => JSON.stringify({ request, tools: chain })).join("\n");
const EMPTY_LINE = JSON.stringify({ request: "Do nothing", tools: [] });

let folder: TemporaryFolder;
beforeAll(async () => void (folder = await temporaryFolder()));
afterAll(() => folder[Symbol.asyncDispose]());

const at = (name: string): string => path.join(folder.path, name);

async function run(...args: readonly string[]): Promise<{ code: number; said: readonly string[] }> {
  const { said, terminal } = saidTerminal();
  return { code: await runCommand(["planner", ...args], terminal), said };
}

describe("planner train", () => {
  it("writes a model that answers, and says what it was made from", async () => {
    await writeFile(at("rooms.jsonl"), `${LINES}\n${EMPTY_LINE}\n`);
    const { code, said } = await run("train", at("rooms.jsonl"), "--out", at("rooms.model"), "--json", "--evaluate");
    expect(code).toBe(EXIT.ok);
    expect(JSON.parse(said.at(-1) ?? "")).toMatchObject({
      examples: EXAMPLES.length,
      skipped: [{ where: `${at("rooms.jsonl")}:${EXAMPLES.length + 1}`, why: "it names no tool" }],
      tools: 5,
      bytes: (await readFile(at("rooms.model"))).length,
      estimate: { exact: expect.any(Number), linkF1: expect.any(Number), nodeF1: expect.any(Number) },
    });
    const { predictor } = await readModel(at("rooms.model"));
    expect(predicted(predictor, "Find a room in Bergen and book it.")).toEqual(["room_search", "room_booking"]);
  });

  it("says to people what was left out and what came of it, and show says what a model knows", async () => {
    await writeFile(at("people.jsonl"), `${EMPTY_LINE}\n${LINES}`);
    const trained = await run("train", at("people.jsonl"), "--out", at("people.model"));
    expect(trained.said.join("\n")).toMatch(/people\.jsonl:1: left out: it names no tool\n.*5 tools from 32 requests/);
    const { code, said } = await run("show", at("people.model"));
    expect(code).toBe(EXIT.ok);
    expect(said.join("\n")).toMatch(/5 tools from 32 requests[^]*trained 20\d\d-[^]*\n {2}mail_sending\n/);
  });

  it.each<[string, string | undefined, [string, string]]>([
    ["that is not there", undefined, ["examples-unreadable", "none.jsonl"]],
    ["that is empty", "", ["examples-missing", "no request"]],
    ["that teaches nothing", EMPTY_LINE, ["examples-missing", "no request"]],
    ["with a line that is broken", `${EMPTY_LINE}\n{`, ["examples-malformed", ":2: no JSON"]],
  ])("refuses a file %s", async (_what, text, [code, message]) => {
    const file = at(text === undefined ? "none.jsonl" : "bad.jsonl");
    if (text !== undefined) await writeFile(file, text);
    const ran = await run("train", file, "--out", at("bad.model"));
    expect(ran.code).toBe(EXIT.usage);
    expect(ran.said.join("\n")).toMatch(new RegExp(`error ${code}: .*${message}`));
    expect(ran.said.join("\n")).toContain("  next: ");
    expect(await readdir(folder.path)).not.toContain("bad.model");
  });

  it("replaces nothing that is no model, and says so before it learns", async () => {
    await writeFile(at("own.jsonl"), LINES);
    const ran = await run("train", at("own.jsonl"), "--out", at("own.jsonl"));
    expect(ran).toMatchObject({ code: EXIT.usage });
    expect(ran.said.join("\n")).toContain("planner-model-foreign");
    expect(await readFile(at("own.jsonl"), "utf8")).toBe(LINES);
    for (const out of [at("."), at("none/x.model")])
      expect((await run("train", at("own.jsonl"), "--out", out)).said.join("\n")).toContain("planner-model-unwritable");
  });

  it("ends on Ctrl-C without a part of a file", { timeout: 120_000 }, async () => {
    await writeFile(at("long.jsonl"), `${LINES}\n`.repeat(200));
    let isStopped = false;
    const ran = await planwright(["planner", "train", "long.jsonl", "--out", "long.model"], {
      cwd: folder.path,
      onStderr: (text, child) => {
        if (isStopped || !/learning: \d+ %, about .* left/.test(text)) return;
        isStopped = true;
        child.kill("SIGINT");
      },
    });
    expect(ran.code, ran.stderr).toBe(EXIT.interrupted);
    expect((await readdir(folder.path)).filter((name) => name.startsWith("long.model"))).toEqual([]);
  });
});

describe("planner show", () => {
  it("refuses what is no model", async () => {
    await writeFile(at("note.txt"), "hello\n");
    for (const [file, code] of [
      ["note.txt", "planner-model-foreign"],
      ["none.model", "planner-model-unreadable"],
    ] as const)
      expect((await run("show", at(file))).said.join("\n")).toContain(`error ${code}: `);
  });
});

describe("the time that is left", () => {
  it("is told now and then, at the pace so far", () => {
    let now = 0;
    const says = timeLeft({ now: () => now });
    now = 60_000;
    expect(says({ done: 1, of: 101 })).toBeUndefined();
    now = 65_000;
    expect(says({ done: 26, of: 101 })).toBe("25 %, about 15.0s left");
    expect(says({ done: 27, of: 101 })).toBeUndefined();
  });
});
