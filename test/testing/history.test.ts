// Whole plans as they were run and recorded; today's code leads them to the same end. A history that is there is never
// written again: PLANWRIGHT_RECORD=1 records those that are missing.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { planStateOf } from "#machines/state.ts";
import { expectReplay, readHistory, recordHistory, writeHistory, type RecordedHistory } from "#src/testing/history.ts";
import { runPlan, type PlanRun } from "#src/testing/run-plan.ts";
import { ORDER, RECORDINGS } from "./recordings.ts";

const FOLDER = new URL("../fixtures/histories/", import.meta.url);
const fileOf = (name: string): URL => new URL(`${name}.json`, FOLDER);

beforeAll(async () => {
  if (process.env["PLANWRIGHT_RECORD"] === undefined) return;
  for (const [name, record] of Object.entries(RECORDINGS)) {
    if (!existsSync(fileOf(name))) writeHistory(fileOf(name), await recordHistory(await record()));
  }
});

describe("a recorded history", () => {
  const recorded = readdirSync(FOLDER).map((file) => path.basename(file, ".json"));

  it.each(recorded)("comes to its end again: %s", (name) => {
    const history = readHistory(fileOf(name));
    expect(planStateOf(expectReplay(history))).toBe(history.end.plan);
  });

  it.each(Object.keys(RECORDINGS))("is there for every plan that is worth one, and runs so today: %s", async (name) => {
    const today = await recordHistory(await RECORDINGS[name]!());
    // What a later release says of an end in addition is in no history that was recorded before it.
    expect(today.end).toMatchObject(readHistory(fileOf(name)).end);
  });
});

describe("a history", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "planwright-history-"));
  let run: PlanRun;
  let history: RecordedHistory;
  beforeAll(async () => {
    run = await ORDER();
    history = await recordHistory(run);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("is the same after it was written and read", () => {
    const file = path.join(folder, "order.json");
    writeHistory(file, history);
    expect(readHistory(file)).toEqual(history);
    expect(expectReplay(readHistory(file)).revision).toBe(run.state.revision);
  });

  it("holds the definition of a plan that is kept as a blob", async () => {
    const steps = Array.from({ length: 1_000 }, (_, index) => `  step${index}: { value: "${"x".repeat(40)}" }`);
    const large = await recordHistory(await runPlan(`plan: large\nsteps:\n${steps.join("\n")}\n`));
    expect(Object.keys(large.blobs)).toHaveLength(1);
    expect(Object.keys(expectReplay(large).steps)).toHaveLength(1_000);
  });

  it("that comes to another end is shown, with what is different", () => {
    const other = { ...history, end: { ...history.end, steps: { ...history.end.steps, ship: "failed" } } };
    expect(() => expectReplay(other)).toThrow(/ship[^]*(?:succeeded|failed)/);
    const shorter = { ...history, events: history.events.slice(0, -1) };
    expect(() => expectReplay(shorter)).toThrow(/another end/);
  });

  it("whose events today's code refuses names the event", () => {
    const [drafted, ...rest] = history.events;
    const torn = { ...history, events: [drafted!, ...rest.slice(1)] };
    expect(() => expectReplay(torn)).toThrow(/at revision \d+ is refused/);
  });

  it("that is no history is refused with what is wrong", () => {
    const file = path.join(folder, "other.json");
    for (const text of ["", "{}", JSON.stringify({ ...history, format: "planwright-history@9" })]) {
      writeFileSync(file, text);
      expect(() => readHistory(file)).toThrow(expect.objectContaining({ code: "history-unreadable" }));
    }
    expect(() => readHistory(path.join(folder, "nowhere.json"))).toThrow(/nowhere/);
  });
});
