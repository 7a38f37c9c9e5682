import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isAlive } from "../executor/isolation/cell-bench.ts";
import { expectHealthy, workplace, type Workplace } from "./workplace.ts";

// Threads and processes of the command line: what runs in them, and that nothing of them stays when it is gone.

const TOOLS = fileURLToPath(new URL("../fixtures/tools/isolated.tools.ts", import.meta.url));
const HANGING_MS = 20_000;
const LOOK_EVERY_MS = 20;

const PLACES = `plan: places
steps:
  loop: { tool: cell.where }
  thread: { tool: cell.where, isolate: thread }
  process: { tool: cell.where, isolate: process }
  count: { tool: text.count, with: { text: one two }, isolate: process }
  shape:
    tool: json.transform
    with: { data: [{ n: 1 }, { n: 2 }], expression: $sum(n) }
outputs:
  pids: ["\${steps.loop.output.pid}", "\${steps.thread.output.pid}", "\${steps.process.output.pid}"]
respond: "\${steps.count.output.words} words, \${steps.shape.output} in all"
`;

const ENDLESS = `plan: endless
steps:
  shape:
    tool: json.transform
    with: { data: null, expression: "( $f := function($n) { $f($n + 1) }; $f(1) )" }
    timeout: 1500ms
    retry: 1
`;

const LOOPING = `plan: looping
steps:
  loop: { tool: cell.loops, with: { program: true, file: ./looping.yaml.pids }, isolate: process }
`;

const SHELL = `plan: shell
steps:
  sleep:
    tool: shell.run
    with: { command: sh, args: [-c, "echo $$ > shell.yaml.pids; exec sleep 120"] }
    isolate: process
`;

let place: Workplace;

beforeAll(async () => {
  place = await workplace();
  await place.write("places.yaml", PLACES);
  await place.write("endless.yaml", ENDLESS);
  await place.write("looping.yaml", LOOPING);
  await place.write("shell.yaml", SHELL);
});

afterAll(() => place[Symbol.asyncDispose]());

describe("planwright run", () => {
  it("runs tools of modules and built-in ones where the plan and the tool say", async () => {
    const ran = await place.run("run", "places.yaml", "--tools", TOOLS, "--plain");
    expect(ran, ran.stderr).toMatchObject({ code: 0, stdout: "2 words, 3 in all\n" });
    const history = await place.run("history", "last");
    const said = history.stdout.match(/\w+: \w+\.\w+(?:, in a \w+ of its own)?$/gm) ?? [];
    expect(said.toSorted()).toEqual([
      "count: text.count, in a process of its own",
      "loop: cell.where",
      "process: cell.where, in a process of its own",
      "shape: json.transform, in a process of its own",
      "thread: cell.where, in a thread of its own",
    ]);
    const events = await place.run("history", "last", "--json");
    const [, loop, thread, other] = /"pids":\[(\d+),(\d+),(\d+)\]/.exec(events.stdout) ?? [];
    expect([thread === loop, other === loop]).toEqual([true, false]);
  });

  it("ends an expression that never ends with its timeout", async () => {
    const ran = await place.run("run", "endless.yaml", "--plain");
    expect(ran.code, ran.stderr).toBe(1);
    expect(ran.stderr).toMatch(/shape: took longer than its timeout \(attempt-timed-out\)/);
    await expectHealthy(place);
  });

  it.each([
    ["a process that loops, and a program that it has started", "looping.yaml", 2],
    ["a program of shell.run", "shell.yaml", 1],
  ])("that is killed leaves nothing behind: %s", async (_, plan, count) => {
    const file = path.join(place.path, `${plan}.pids`);
    let pids: readonly number[] = [];
    const ran = await place.runAs(
      {
        onStart: (child) => {
          const look = setInterval(() => {
            pids = pidsIn(file);
            if (pids.length < count) return;
            clearInterval(look);
            child.kill("SIGKILL");
          }, LOOK_EVERY_MS);
        },
      },
      ...["run", plan, "--tools", TOOLS, "--plain"],
    );
    expect(ran.signal).toBe("SIGKILL");
    expect(pids).toHaveLength(count);
    await expect.poll(() => pids.filter(isAlive), { timeout: HANGING_MS }).toEqual([]);
  });
});

/** Nothing while the file is not there, or its line is not whole. */
function pidsIn(file: string): readonly number[] {
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  return text.endsWith("\n") ? (text.match(/\d+/g) ?? []).map(Number) : [];
}
