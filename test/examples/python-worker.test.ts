import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { execute, ROOT, type Ran } from "../e2e/command.ts";
import { serving, type Serving } from "../e2e/serving.ts";
import { workplace, type Workplace } from "../e2e/workplace.ts";
import { hasNats, NatsServer } from "../nats/server.ts";
import { requireServer } from "../require.ts";

// The worker in Python with everything as real processes: nats-server, a coordinator, and workers that come and go.

const EXAMPLE = path.join(ROOT, "examples", "python");
const PLAN = path.join(EXAMPLE, "shout.plan.yaml");
const hasPython = spawnSync("python3", ["-c", "import sys; sys.exit(sys.version_info < (3, 8))"]).status === 0;
const PATIENCE = { timeout: 15_000 };

interface PythonWorker {
  readonly said: () => string;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ran>;
}

const isThere = hasNats && hasPython;
requireServer(hasNats ? "python3" : "nats", isThere)("the worker in Python", () => {
  let server: NatsServer;
  let place: Workplace;
  let coordinator: Serving;
  const workers: PythonWorker[] = [];
  beforeAll(async () => {
    server = await NatsServer.start();
    place = await workplace();
    await place.write("planwright.config.yaml", `nats: { servers: ["${server.url}"] }\n`);
    coordinator = await serving(place, ["--tools", path.join(EXAMPLE, "python.tools.ts")]);
  });
  afterEach(async () => {
    for (const one of workers.splice(0)) {
      one.kill("SIGKILL");
      await one.ended;
    }
  });
  afterAll(async () => {
    coordinator.kill("SIGTERM");
    await coordinator.ended;
    await place[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const worker = (name: string): PythonWorker => {
    let said = "";
    let kill: PythonWorker["kill"] = () => undefined;
    const env = { NATS_URL: server.url, WORKER: name, PYTHONDONTWRITEBYTECODE: "1" };
    const ended = execute(["python3", path.join(EXAMPLE, "worker.py")], {
      cwd: place.path,
      env,
      onStart: (child) => (kill = (signal) => child.kill(signal)),
      onStdout: (text) => (said = text),
    });
    const one = { said: () => said, kill: (signal: NodeJS.Signals) => kill(signal), ended };
    workers.push(one);
    return one;
  };
  const submitted = (file: string, seconds = 60): Promise<Ran> =>
    place.run("submit", PLAN, "--watch", "--plain", "--input", `file=${file}`, "--input", `seconds=${seconds}`);
  const begun = (one: PythonWorker, step: string): Promise<unknown> =>
    vi.waitUntil(() => new RegExp(`^begins \\S+ \\S+ ${step} `, "m").test(one.said()), PATIENCE);
  const outcomes = async (): Promise<unknown> => {
    const { stdout } = await place.run("history", "last", "--json");
    return stdout;
  };

  it("runs steps of a plan, and what its tools give are their outputs", async () => {
    worker("one");
    await place.write("words.txt", "hello from afar");
    expect(await submitted("words.txt")).toMatchObject({ code: 0, stdout: "HELLO FROM AFAR\n" });
    console.log(await outcomes());
  });

  it("fails a step by the category, code and message of its tool", async () => {
    worker("one");
    const ran = await submitted("never.txt", 0);
    console.log(ran, await outcomes());
  });

  it("that is killed loses nothing: another one runs the step again", async () => {
    const first = worker("one");
    const ran = submitted("late.txt");
    await begun(first, "words");
    const second = worker("two");
    first.kill("SIGKILL");
    await begun(second, "words");
    await place.write("late.txt", "late");
    expect(await ran).toMatchObject({ code: 0, stdout: "LATE\n" });
  });

  it("that is told to end finishes what it runs, takes nothing more, and says that it goes", async () => {
    const one = worker("one");
    const ran = submitted("last.txt");
    await begun(one, "words");
    one.kill("SIGTERM");
    worker("two");
    await writeFile(path.join(place.path, "last.txt"), "last words");
    expect(await one.ended).toMatchObject({ code: 0, signal: null });
    expect(await ran).toMatchObject({ code: 0, stdout: "LAST WORDS\n" });
  });
});
