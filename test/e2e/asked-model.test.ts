import { describe, expect, it } from "vitest";
import { KEY } from "../model/kit.ts";
import { peer, type PeerAct } from "../model/peer.ts";
import { workplace, type Workplace } from "./workplace.ts";

// A sentence on the command line with a language model in the configuration, behind a server that speaks a provider's protocol: planned by
// it, answered in its words, and looked at afterwards.

const env = { A_MODEL_KEY: KEY };

async function modelFor(place: Workplace, acts: readonly PeerAct[], planning: object = {}) {
  const served = await peer(acts);
  const model = served.settings("openai-compatible", { key: { env: "A_MODEL_KEY" }, maxTries: 2 });
  await place.write("planwright.config.yaml", JSON.stringify({ models: { default: model }, planning }));
  await place.write("notes.txt", "hello big world\n");
  return served;
}

const PLAN = JSON.stringify({
  refusal: null,
  steps: [{ id: "s", tool: "fs.read", after: [], arguments: { path: { value: "notes.txt" } } }],
});
const WORDS = JSON.stringify({ sentences: [{ text: "The note greets the world.", steps: ["fsRead"] }] });
const ASKED = ["ask", "show me my greeting", "--context", "note=it is kept in notes.txt", "--plain"];

describe("ask, with a model", () => {
  it("plans what its words alone do not say, answers, and shows the prompts that led to it", async () => {
    await using place = await workplace();
    const served = await modelFor(place, [{ text: PLAN }, { text: WORDS }], { answers: true });
    const ran = await place.runAs({ env }, ...ASKED);
    expect(ran, ran.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining("The note greets the world.") });
    expect(ran.stdout).toContain("hello big world");
    expect(served.requests).toHaveLength(2);
    const shown = await place.run("planner", "prompts", "last");
    expect(shown.stdout).toMatch(/ {2}plan {2}openai-compatible\/tiny, exchange 1: \d+ tokens/);
    expect(shown.stdout).toMatch(/ {2}answer {2}openai-compatible\/tiny, exchange 1/);
    expect(shown.stdout).toContain("it is kept in notes.txt");
    const asJson = await place.run("planner", "prompts", "last", "--json");
    expect(JSON.parse(asJson.stdout)).toMatchObject({ exchanges: [{ answer: PLAN }, { answer: WORDS }] });
    expect(ran.stdout + ran.stderr + shown.stdout + asJson.stdout).not.toContain(KEY);
  });

  it("goes on without it where it is down, and says in the planning step what happened", async () => {
    await using place = await workplace();
    await modelFor(place, [{ status: 401 }]);
    const ran = await place.runAs({ env }, "ask", "count the words in notes.txt", "--plain");
    expect(ran, ran.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining("words 3") });
    const history = await place.run("history", "last", "--json");
    expect(history.stdout).toContain("model-key-refused");
    expect(history.stdout).not.toContain(KEY);
  });

  it("keeps no prompts where that is switched off", async () => {
    await using place = await workplace();
    await modelFor(place, [{ text: PLAN }], { records: false });
    expect(await place.runAs({ env }, ...ASKED)).toMatchObject({ code: 0 });
    expect((await place.run("planner", "prompts", "last")).stdout).toContain("nothing is kept");
  });
});
