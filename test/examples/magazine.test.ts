import { cpSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Json } from "#events/json.ts";
import { folderLibrary } from "#src/plan-files/folder-library.ts";
import { runPlan, type PlanRun, type RunOptions } from "#src/testing/run-plan.ts";
import { fails, hangs, scriptedLike } from "#src/testing/scripted-tool.ts";
import type { Tool } from "#src/tools/define.ts";
import { fromModule } from "#src/tools/module.ts";
import * as desk from "../../examples/magazine/desk.tools.ts";
import * as press from "../../examples/magazine/press.tools.ts";
import { temporaryFolder } from "../store/folder.ts";
import { allWords, wordsOfPlan } from "./words-of-plan.ts";

// The example that uses the whole language: that it does, and that it does what it says, on the real engine in virtual time.

const EXAMPLE = new URL("../../examples/magazine/", import.meta.url);
const plans = ["issue.plan.yaml", "imprint.plan.yaml", "letter.plan.yaml"].map((name) =>
  readFileSync(new URL(name, EXAMPLE), "utf8"),
);
const [ISSUE = "", , LETTER = ""] = plans;

describe("the plan of the magazine", () => {
  const missing = (texts: readonly string[]) => {
    const used = texts.map((text) => wordsOfPlan(parse(text) as Json));
    return [...allWords()].filter((word) => !used.some((words) => words.has(word)));
  };

  it("uses every kind of step and every word of the language", () => {
    expect(allWords().size).toBeGreaterThan(100);
    expect(missing(plans)).toEqual([]);
  });

  it.each([
    [/ +isolate: thread\n +done/, "      done", "verify.isolate"],
    [/(?<=jitter: none), maxDelay: 1s/, "", "retryOn.maxDelay"],
    [/, multipleOf: 16/, "", "input.multipleOf"],
    [/ +estimate: 1[sm]\n/g, "", "step.estimate"],
    [/signal: paid/, "value: paid", "signalStep.signal"],
  ])("is found lacking without %s", (text, less, word) => {
    const lacking = ISSUE.replace(text, less);
    expect(lacking).not.toBe(ISSUE);
    expect(missing([lacking, ...plans.slice(1)])).toEqual([word]);
  });
});

const isTool = (value: unknown): value is Tool => typeof value === "object" && value !== null && "inputSchema" in value;

describe("a run of it", () => {
  const modules = [
    { module: desk, name: "desk.tools.ts" },
    { module: press, name: "press.tools.ts" },
  ];
  const tools = modules.flatMap(({ module, name }) =>
    Object.values<unknown>(module)
      .filter(isTool)
      .map((tool) => fromModule(tool, new URL(name, EXAMPLE).href)),
  );
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeEach(async () => {
    folder = await temporaryFolder();
    cpSync(new URL("manuscripts", EXAMPLE), path.join(folder.path, "manuscripts"), { recursive: true });
  });
  afterEach(() => folder[Symbol.asyncDispose]());

  it("of a letter is written by its first step, and thought over where that does not work", async () => {
    const answering = (text: string) =>
      runPlan(LETTER, {
        tools,
        root: folder.path,
        inputs: { text },
        signals: [{ name: "answer", payload: "Ask the library." }],
      });
    const found = await answering("Where can I read more about rivers?");
    expect([found.outcome, found.response]).toEqual([
      "succeeded",
      expect.stringContaining("We had something about it: # "),
    ]);
    const asked = await answering("Where can I read more about volcanoes?");
    expect([asked.outcome, asked.response]).toEqual(["succeeded", "Ask the library."]);
    const revisions = asked.facts.flatMap((fact) => (fact.type === "PlanRevised" ? [fact.data.cause?.kind] : []));
    expect(revisions).toEqual(["rest", "failure", "rest"]);
  });

  /** With tools that take the place of the magazine's own. */
  const run = ({ tools: scripted = [], ...more }: Partial<RunOptions> = {}): Promise<PlanRun> =>
    runPlan(ISSUE, {
      tools: [...tools.filter(({ name }) => scripted.every((tool) => tool.name !== name)), ...scripted],
      root: folder.path,
      library: folderLibrary([EXAMPLE.pathname]),
      secrets: { PRESS_ACCOUNT: "magazine-41" },
      limits: {
        pools: { press: { slots: 1 } },
        keys: { "printer-*": { limit: 1 } },
        resources: { ink: { capacity: 4 } },
      },
      approvals: { editor: { verdict: "approved", afterMs: 3_600_000 } },
      signals: [{ name: "paid-41", payload: { amount: 304 } }],
      ...more,
      inputs: { number: 41, title: "Rivers", folder: "manuscripts", desk: "desk", ...more.inputs },
    });
  const onDesk = (name: string) => readFile(path.join(folder.path, "desk", name), "utf8").catch(() => undefined);
  const said = ({ facts }: PlanRun, step: string) =>
    facts.filter(({ data }) => "step" in data && data.step === step).map(({ type }) => type);

  it("prints the issue: mends, retries, falls back, calls off, calls, asks, waits", async () => {
    const done = await run();
    expect(done).toMatchObject({
      outcome: "succeeded",
      outputs: { pages: 5, printer: "north", unusable: ["notes.md"] },
      response: "Rivers (no. 41): 5 pages, 320 copies from north.\n",
      refused: [],
    });
    expect(said(done, "cover").filter((type) => type === "StepFailed")).toHaveLength(3);
    expect(await done.output("cover")).toMatchObject({ by: "the desk" });
    expect(said(done, "south")).toEqual(["StepDispatched", "StepCancelRequested", "StepFailed"]);
    expect(said(done, "articles/0/proof/1/do")).toEqual(["StepDispatched", "StepSucceeded"]);
    expect(said(done, "articles/1/proof/1/do")).toEqual([]);
    expect(said(done, "articles/2/article")).toEqual(["StepDispatched", "StepFailed"]);
    expect(said(done, "imprint/lines")).toEqual(["StepDispatched", "StepSucceeded"]);
    expect(await done.output("paid")).toEqual({ amount: 304 });
    expect(said(done, "print")).toEqual(["StepDispatched", "StepFailed", "StepDispatched", "StepSucceeded"]);
    expect(done.elapsedMs).toBeGreaterThanOrEqual(3_600_000 + 100);
    expect(await onDesk("issue-41.md")).toMatch(/^# Rivers\n[^]*Nobody on it speaks[^]*No\. 41, printed in 320 copies/);
    expect(await onDesk("press.json")).toMatch(/"job": "issue-41"/);
    expect(await onDesk("announced.txt")).toBe("readers@magazine.example: Rivers is at the press.\n");
    expect(JSON.stringify(done.facts)).not.toContain("magazine-41");
  });

  it("waits for the editor and the money, and for nothing in a manuscript that failed", async () => {
    const waiting = await run({
      approvals: {},
      signals: [],
      commands: [{ command: { type: "PausePlan" }, afterMs: 60_000 }],
    });
    expect(waiting.waiting.map(({ step }) => step)).toEqual(["editor", "paid", "embargo", "ink", "print", "announce"]);
  });

  it("takes back what it did where the press has no paper", async () => {
    const done = await run({ inputs: { copies: 656 } });
    expect(done).toMatchObject({ outcome: "rolled-back", error: { category: "quota" } });
    expect(done.facts.flatMap(({ data }) => ("undoes" in data ? [data.undoes] : []))).toEqual(["issue"]);
    expect(await onDesk("issue-41.md")).toBeUndefined();
    expect(await onDesk("announced.txt")).toBeUndefined();
  });

  it("takes it back where the editor does not want it, and tells nobody where there are no readers", async () => {
    const denied = await run({ approvals: { editor: "denied" } });
    expect(denied).toMatchObject({ outcome: "rolled-back", error: { category: "permission" } });
    expect(await onDesk("issue-41.md")).toBeUndefined();
    const quiet = await run({ inputs: { readers: null } });
    expect(quiet.outcome).toBe("succeeded");
    expect(said(quiet, "announce")).toEqual(["StepSkipped"]);
  });

  it("fails where nobody pays for three days, and where an input is not as it should be", async () => {
    const unpaid = await run({ signals: [] });
    expect(unpaid).toMatchObject({ outcome: "rolled-back", error: { category: "timeout" } });
    expect(unpaid.elapsedMs).toBeGreaterThanOrEqual(3 * 86_400_000);
    for (const inputs of [
      { copies: 1000 },
      { title: "rivers" },
      { binding: "sewn" },
      { readers: "x" },
      { paper: "A4" },
    ])
      await expect(run({ inputs }), JSON.stringify(inputs)).rejects.toMatchObject({ code: "inputs-invalid" });
  });

  it("asks the press itself where nobody knows whether it has the job", async () => {
    const silent = scriptedLike(press.print, [fails("unavailable", "cold"), hangs()]);
    const lost = await run({ tools: [silent], approvals: { editor: "approved" } });
    // The press never heard of it: it runs again, for the third and last time, behind the end of the script.
    expect(silent.calls).toHaveLength(3);
    expect(lost.outcome).toBe("rolled-back");
    const heard = scriptedLike(press.print, [hangs()]);
    const job = { job: "issue-41", printer: "north", copies: 320, paper: "A5, stapled" };
    const asked = await run({
      tools: [heard, fromModule(scriptedLike(press.jobs, [[job]]), import.meta.url)],
      approvals: { editor: "approved" },
    });
    expect(heard.calls).toHaveLength(1);
    expect(await asked.output("print")).toEqual(job);
    expect(asked.outcome).toBe("succeeded");
  });
});
