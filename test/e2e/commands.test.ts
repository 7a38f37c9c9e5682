import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { execute, planwrightCommand } from "./command.ts";
import { BAD_TOOLS, usedWorkplace, workplace, type Workplace } from "./workplace.ts";

// What each command prints and how it exits, from the shell's side.

const SLEEPY = `plan: sleepy
steps:
  quick: { value: 1 }
  nap: { tool: shell.run, with: { command: sleep, args: ["30"] }, idempotent: false, needs: [quick] }
  after: { value: "\${steps.nap.output}", needs: [nap] }
respond: \${steps.after.output.stdout}
`;

/** What a pipe holds before its writer has to wait (Linux, pipe(7)). */
const PIPE_BYTES = 64 * 1024;

let place: Workplace;

beforeAll(async () => {
  place = await usedWorkplace();
  await place.write("sleepy.yaml", SLEEPY);
});

afterAll(() => place[Symbol.asyncDispose]());

function lines(text: string): readonly Record<string, unknown>[] {
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("run", () => {
  it("prints the response alone on stdout, and what happened on stderr", async () => {
    const ran = await place.run("run", "good.yaml", "--plain");
    expect(ran).toMatchObject({ code: 0, stdout: "fine\n" });
    expect(ran.stderr).toMatch(/plan good drafted with 1 step[\s\S]*one: succeeded[\s\S]*succeeded good/);
    // eslint-disable-next-line no-control-regex
    expect(ran.stderr).not.toMatch(/\u001b/);
  });

  it("prints facts as JSON lines and a result at last", async () => {
    const ran = await place.run("run", "good.yaml", "--json");
    const printed = lines(ran.stdout);
    expect(printed.map(({ kind, revision, type }) => [kind, revision, type])).toEqual([
      ["fact", 0, "PlanDrafted"],
      ["fact", 1, "PlanStarted"],
      ["fact", 2, "StepSucceeded"],
      ["fact", 3, "PlanSucceeded"],
      ["result", undefined, undefined],
    ]);
    expect(printed.at(-1)).toMatchObject({ status: "succeeded", response: "fine", exitCode: 0 });
  });

  it("ends no earlier than a slow reader has taken everything", async () => {
    const response = "a".repeat(4 * PIPE_BYTES);
    await place.write("long.yaml", `plan: long\nsteps:\n  one: { value: 1 }\nrespond: ${response}\n`);
    const [program, ...args] = planwrightCommand("run", "long.yaml", "--plain").map((word) => `'${word}'`);
    // The reader takes its time, longer than a process lingers that has nothing left to say.
    const slow = `${program} ${args.join(" ")} | { sleep 4; cat; }`;
    const { stdout } = await execute(["sh", "-c", slow], { cwd: place.path });
    expect(stdout.length).toBe(response.length + 1);
  });

  it("exits with 1 when the plan fails, and says where to look", async () => {
    await place.write(
      "failing.yaml",
      "plan: failing\nsteps:\n  read: { tool: json.read, with: { path: nothing.json } }\n",
    );
    const ran = await place.run("run", "failing.yaml", "--plain");
    expect(ran).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^0 of 1 step done\. read failed because: nothing\.json: .*Next: .*\n$/),
    });
    expect(ran.stderr).toMatch(/failed failing[\s\S]*steps-failed: read failed.*nothing\.json[\s\S]*planwright show/);
  });

  it("takes inputs by name and from a file, where the name wins", async () => {
    const plan =
      'plan: greet\ninputs:\n  who: { type: string }\n  times: { type: integer, default: 1 }\nsteps:\n  a: { value: "${inputs.times + 1}" }\nrespond: ${inputs.who} ${steps.a.output}\n';
    await place.write("greet.yaml", plan);
    await place.write("inputs.json", '{ "who": "file", "times": 4 }');
    const ran = await place.run("run", "greet.yaml", "--inputs", "inputs.json", "--input", "who=me", "--plain");
    expect(ran, ran.stderr).toMatchObject({ code: 0, stdout: "me 5\n" });
  });
});

describe("a run that Ctrl-C stops", () => {
  it("says how to go on, asks a person for the unknown outcome, and ends with the answer", async () => {
    await using here = await workplace();
    await here.write("sleepy.yaml", SLEEPY);
    let isStopped = false;
    const stopOnce = (text: string, child: { kill(signal: "SIGINT"): void }): void => {
      if (isStopped || !text.includes("nap: shell.run")) return;
      isStopped = true;
      child.kill("SIGINT");
    };
    const stopped = await here.runAs({ onStderr: stopOnce }, ...["run", "sleepy.yaml", "--plain"]);
    expect(stopped, stopped.stderr).toMatchObject({ code: 130, stdout: "" });
    const plan = /planwright resume (\S+)/.exec(stopped.stderr)?.[1] ?? "";
    expect(plan).toMatch(/^[0-9a-f-]{36}$/);

    const resumed = await here.run("resume", "--plain");
    expect(resumed, resumed.stderr).toMatchObject({ code: 4, stdout: "" });
    expect(resumed.stderr).toContain(`planwright resolve ${plan} nap --retry`);

    const why = await here.run("why", plan, "nap");
    expect(why.stdout).toMatch(/nap \(unknown\): nobody knows whether attempt 1 had its effect/);
    const unclear = await here.run("resolve", plan, "nap", "--retry", "--fail");
    expect(unclear.code).toBe(2);
    expect(unclear.stderr).toMatch(/bad-answer/);
    const answered = await here.run("resolve", plan.slice(-6), "nap", "--done", '{"stdout": "well rested"}', "--json");
    expect(answered, answered.stderr).toMatchObject({ code: 0 });
    const shown = await here.run("show", "last");
    expect(shown.stdout).toMatch(/sleepy succeeded: 3 of 3 steps ended[\s\S]*well rested/);
    const again = await here.run("resolve", plan, "nap", "--retry");
    expect(again.code).toBe(2);
    expect(again.stderr).toMatch(/plan-ended/);
  });

  it("can be cancelled afterwards", async () => {
    await using here = await workplace();
    await here.write("sleepy.yaml", SLEEPY);
    await here.runAs(
      { onStderr: (text, child) => text.includes("nap: shell.run") && child.kill("SIGKILL") },
      ...["run", "sleepy.yaml", "--plain"],
    );
    const named = await here.runAs({}, "run", "good.yaml", "--plain");
    expect(named.stderr).toMatch(/1 interrupted plan left as they are/);
    const [, sleepy] = plansOf((await here.run("list", "--json")).stdout);
    const cancelled = await here.run("cancel", sleepy ?? "", "--note", "wrong one");
    expect(cancelled, cancelled.stderr).toMatchObject({ code: 0, stdout: `${sleepy} cancelled\n` });
    expect((await here.run("resume")).stdout).toBe("nothing to resume\n");
    const history = await here.run("history", sleepy ?? "", "--json");
    expect(history.stdout).toMatch(/"note":"wrong one"/);
  });
});

function plansOf(listed: string): readonly string[] {
  return (JSON.parse(listed) as { plans: { plan: string }[] }).plans.map(({ plan }) => plan);
}

describe("resume", () => {
  it("says so when there is nothing, also where there is no store, and makes none", async () => {
    await using here = await workplace();
    const ran = await here.run("resume");
    expect(ran).toMatchObject({ code: 0, stdout: "nothing to resume\n", stderr: "" });
    expect(await here.run("list")).toMatchObject({ code: 0, stdout: expect.stringContaining("no plans yet") });
    expect((await here.run("doctor")).stdout).toMatch(/no store here/);
    const shown = await here.run("show", "last");
    expect(shown.code).toBe(2);
    expect(shown.stderr).toMatch(/store-missing/);
  });

  it("remembers the tools and the root of a run, and leaves a plan alone whose tools are gone", async () => {
    await using here = await workplace();
    await here.write(
      "deaf.yaml",
      "plan: deaf\nsteps:\n  wait: { wait: 300ms }\n  big: { tool: big.text, needs: [wait] }\nrespond: ${size(steps.big.output)}\n",
    );
    const tools = await here.write(
      "own.ts",
      readFileSync(BAD_TOOLS, "utf8")
        .replace("#src/index.ts", path.join(import.meta.dirname, "../../src/index.ts"))
        .replace('"zod"', `"${path.join(import.meta.dirname, "../../node_modules/zod/index.js")}"`),
    );
    await here.runAs(
      { onStderr: (text, child) => text.includes("waits until") && child.kill("SIGKILL") },
      ...["run", "deaf.yaml", "--tools", `./${tools}`, "--plain"],
    );
    const lacking = await here.run("resume", "--plain", "--tools", "./good.yaml");
    expect(lacking.code).toBe(2);
    const resumed = await here.run("resume", "--plain");
    expect(resumed, resumed.stderr).toMatchObject({ code: 0, stdout: "20000\n" });
  });
});

describe("reading commands", () => {
  it("show plans by id, beginning, end and `last`", async () => {
    const [plan = ""] = plansOf((await place.run("list", "--json", "--limit", "1")).stdout);
    for (const reference of [plan, plan.slice(0, 30), plan.slice(-6), "last"]) {
      const shown = await place.run("show", reference, "--json");
      expect(JSON.parse(shown.stdout), reference).toMatchObject({ plan });
    }
  });

  it("replay a plan as it was", async () => {
    const ran = await place.run("run", "good.yaml", "--plain");
    expect(ran.code).toBe(0);
    const replayed = await place.run("replay", "last", "--to", "1", "--json");
    expect(JSON.parse(replayed.stdout)).toMatchObject({ revision: 1, status: "running", ended: 0 });
    const beyond = await place.run("replay", "last", "--to", "99");
    expect(beyond.code).toBe(2);
    expect(beyond.stderr).toMatch(/bad-revision: .*revisions 0 to 3, not 99/);
  });

  it("list tools, and one with its schemas", async () => {
    const all = await place.run("tools");
    expect(all.stdout).toMatch(/^fs\.read +\S/m);
    const one = await place.run("tools", "http.json", "--json");
    expect(JSON.parse(one.stdout)).toMatchObject({ name: "http.json", inputSchema: { type: "object" } });
    const unknown = await place.run("tools", "http.jsn");
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toMatch(/unknown-tool: .*did you mean http\.json\?/);
    const own = await place.run("tools", "--tools", BAD_TOOLS);
    expect(own.stdout).toMatch(/^big\.text +Returns 20 KB/m);
  });

  it("validate a plan without a store", async () => {
    await using here = await workplace();
    const valid = await here.run("validate", "good.yaml");
    expect(valid).toMatchObject({ code: 0, stdout: "valid: plan good, 1 step\n  one\n" });
    await here.write("bad.yaml", "plan: bad\nsteps: {}\n");
    const invalid = await here.run("validate", "bad.yaml", "--json");
    expect(invalid.code).toBe(2);
    expect(JSON.parse(invalid.stdout)).toMatchObject({ ok: false, findings: [{ code: "no-steps", line: 2 }] });
  });
});

describe("errors", () => {
  it("are one JSON document on stdout too, when JSON was asked for", async () => {
    const ran = await place.run("show", "ffff0000", "--json");
    expect(ran.code).toBe(2);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      error: { code: "plan-unknown", next: expect.stringContaining("planwright list") },
    });
    expect(ran.stderr).toMatch(/plan-unknown/);
  });
});
