import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { KEY } from "../model/kit.ts";
import { peer, type Peer, type PeerAct } from "../model/peer.ts";
import { workplace, type Workplace } from "./workplace.ts";

// A language model from the shell's side: named in the configuration, asked by steps, its key nowhere.

const PLAN = `
plan: greet
steps:
  kind:
    tool: model.classify
    with: { text: "My parcel is late", labels: [praise, complaint] }
    retry: { attempts: 3, delay: 1ms }
  reply:
    tool: model.generate
    with: { prompt: "\${'Answer this ' + steps.kind.output.label}" }
    retry: { attempts: 3, delay: 1ms }
respond: \${steps.reply.output.text}
`;
const WITHOUT_PACKAGES = fileURLToPath(new URL("../fixtures/model/without-packages.mjs", import.meta.url));
const env = { A_MODEL_KEY: KEY, PLANWRIGHT_LOG: "debug" };

async function modelFor(place: Workplace, acts: readonly PeerAct[]): Promise<Peer> {
  const served = await peer(acts);
  const model = served.settings("openai-compatible", { key: { env: "A_MODEL_KEY" } });
  await place.write("planwright.config.yaml", JSON.stringify({ models: { default: model } }));
  await place.write("greet.yaml", PLAN);
  return served;
}

/** Text of all that the store keeps. */
async function keptIn(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((file) => readFile(file, "latin1")))).join("\n");
}

describe("a model in the configuration", () => {
  it("is asked by the steps of a plan, and its key is in nothing that is printed or kept", async () => {
    await using place = await workplace();
    const served = await modelFor(place, [{ text: '{"label":"complaint","confidence":0.8}' }, { echo: true }]);
    const ran = await place.runAs({ env }, "run", "greet.yaml", "--plain");
    expect(ran, ran.stderr).toMatchObject({ code: 0 });
    expect(ran.stdout).toContain("Bearer [secret]");
    expect(served.requests.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${KEY}`, `Bearer ${KEY}`]);
    const shown = await place.runAs({ env }, "history", "last", "--json");
    const configured = await place.runAs({ env }, "config", "--json");
    const all = [ran, shown, configured].map(({ stdout, stderr }) => stdout + stderr).join("\n");
    expect(all + (await keptIn(place.store))).not.toContain(KEY);
    expect(shown.stdout).toContain("complaint");
  });

  it("that fails is a failed step which says why, without the key", async () => {
    const body = { error: { message: `the key ${KEY} is wrong`, type: "invalid_request_error" } };
    await using place = await workplace();
    await modelFor(place, [{ status: 401, body }]);
    const ran = await place.runAs({ env }, "run", "greet.yaml", "--plain");
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("the model's server does not take the key (HTTP 401)");
    expect(ran.stdout + ran.stderr + (await keptIn(place.store))).not.toContain(KEY);
  });

  it("has tools that plans are checked against, and that are listed", async () => {
    await using place = await workplace();
    await modelFor(place, []);
    const listed = await place.run("tools");
    for (const name of ["model.classify", "model.extract", "model.generate"]) expect(listed.stdout).toContain(name);
    expect(await place.run("validate", "greet.yaml")).toMatchObject({ code: 0 });
    await place.write("planwright.config.yaml", "slots: 2\n");
    const refused = await place.run("validate", "greet.yaml");
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toContain("unknown-tool");
  });

  it("goes on with the models that the run was given, when the file names none any more", async () => {
    await using place = await workplace();
    const served = await modelFor(place, [
      { hangs: true },
      { text: '{"label":"praise","confidence":1}' },
      { text: "Bye" },
    ]);
    const killed = await place.runAs(
      {
        env,
        onStart: (child) =>
          void vi.waitUntil(() => served.requests.length > 0, 20_000).then(() => child.kill("SIGKILL")),
      },
      ...["run", "greet.yaml", "--plain"],
    );
    expect(killed.signal).toBe("SIGKILL");
    await place.write("planwright.config.yaml", "slots: 2\n");
    const resumed = await place.runAs({ env }, "resume", "--plain");
    expect(resumed, resumed.stderr).toMatchObject({ code: 0 });
    expect(resumed.stdout).toContain("Bye");
    expect(served.requests.length).toBeGreaterThanOrEqual(2);
  });
});

describe("a program without the packages of models", () => {
  it("runs whatever asks none, and says what to install where one is asked", async () => {
    await using place = await workplace();
    await modelFor(place, []);
    const bare = { env: { ...env, NODE_OPTIONS: `--import=${WITHOUT_PACKAGES}` } };
    expect(await place.runAs(bare, "run", "good.yaml", "--plain")).toMatchObject({ code: 0, stdout: "fine\n" });
    const ran = await place.runAs(bare, "run", "greet.yaml", "--plain");
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("npm install ai @ai-sdk/openai-compatible");
    expect(ran.stderr).toContain("not-found");
  });
});
