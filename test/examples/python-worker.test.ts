import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { connectHttp } from "#src/client/index.ts";
import { serving, type Serving } from "../e2e/serving.ts";
import { workplace, type Workplace } from "../e2e/workplace.ts";
import { hasNats, NatsServer } from "../nats/server.ts";
import { requireServer } from "../require.ts";
import { hasPython, PYTHON_EXAMPLE, pythonWorker } from "./python-worker.ts";

// The example in Python with everything as real processes: nats-server, a coordinator, and workers that come and go.

const source = readFileSync(path.join(PYTHON_EXAMPLE, "shout.plan.yaml"), "utf8");
const BEGINS_WAITING = /^begins py\.awaited \S+ words /m;

const missing = hasNats ? "python3" : "nats";
requireServer(missing, hasNats && hasPython)("the worker in Python", () => {
  let server: NatsServer;
  let place: Workplace;
  let coordinator: Serving;
  let client: ReturnType<typeof connectHttp>;
  beforeAll(async () => {
    server = await NatsServer.start();
    place = await workplace();
    await place.write("planwright.config.yaml", `nats: { servers: ["${server.url}"] }\n`);
    coordinator = await serving(place, ["--tools", path.join(PYTHON_EXAMPLE, "python.tools.ts")]);
    client = connectHttp({ url: coordinator.url });
  });
  afterAll(async () => {
    client[Symbol.dispose]();
    coordinator.kill("SIGTERM");
    await coordinator.ended;
    await place[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  /** What became of a plan that waits for the file and shouts what is in it. */
  const shouted = async (file: string, seconds = 60) => {
    const { plan } = await client.submit({ source, inputs: { file, seconds } });
    const { status, response, settled } = await client.wait({ plan, timeoutMs: 20_000 });
    const { facts } = await client.history({ plan });
    return { status, response, settled, facts };
  };

  it("runs the steps of a plan, and what its tools give are their outputs", async () => {
    await using _one = pythonWorker(server, place.path);
    await place.write("words.txt", "hello from afar, wörld 🎉");
    const { facts, ...ended } = await shouted("words.txt");
    expect(ended).toEqual({ status: "succeeded", settled: true, response: "HELLO FROM AFAR, WÖRLD 🎉" });
    expect(facts).toContainEqual(
      expect.objectContaining({
        type: "StepDispatched",
        data: expect.objectContaining({ executor: expect.stringMatching(/^python\./) }),
      }),
    );
  });

  it("fails a step by the category, code and message of its tool", async () => {
    await using _one = pythonWorker(server, place.path);
    const { facts, status } = await shouted("never.txt", 0);
    expect(status).toBe("failed");
    expect(facts.find(({ type }) => type === "StepFailed")?.data).toMatchObject({
      step: "words",
      attempt: 1,
      error: { category: "not-found", code: "file-not-there", message: "never.txt did not come within 0 s" },
    });
  });

  it("that is killed in the middle loses nothing: another one runs the step again", async () => {
    await using first = pythonWorker(server, place.path, { WORKER: "first" });
    const running = shouted("late.txt");
    await first.said(BEGINS_WAITING);
    await using second = pythonWorker(server, place.path, { WORKER: "second" });
    first.kill("SIGKILL");
    await second.said(BEGINS_WAITING);
    await place.write("late.txt", "late");
    const { facts, response } = await running;
    expect(response).toBe("LATE");
    const dispatched = facts.filter(({ type }) => type === "StepDispatched");
    expect(dispatched.map(({ data }) => data)).toMatchObject([
      { step: "words", attempt: 1, executor: expect.stringMatching(/^first\./) },
      { step: "words", attempt: 2, executor: expect.stringMatching(/^second\./) },
      { step: "shouted", attempt: 1 },
    ]);
    expect(facts.filter(({ type }) => type === "StepLost")).toHaveLength(1);
  });

  it("that is told to end finishes what it runs, and takes nothing more", async () => {
    await using first = pythonWorker(server, place.path, { WORKER: "first" });
    const running = shouted("last.txt");
    await first.said(BEGINS_WAITING);
    first.kill("SIGTERM");
    await using _second = pythonWorker(server, place.path, { WORKER: "second" });
    await place.write("last.txt", "last words");
    expect(await first.ended).toMatchObject({ code: 0, signal: null });
    const { facts, response } = await running;
    expect(response).toBe("LAST WORDS");
    expect(facts.filter(({ type }) => type === "StepLost" || type === "StepFailed")).toEqual([]);
  });
});
