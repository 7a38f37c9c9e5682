import { setTimeout as sleep } from "node:timers/promises";
import { enter } from "./ledger.ts";
import { Load } from "./load.ts";
import { SLOW_STEP_MS, isSlow, order, setting, type Answer, type Order, type Setting } from "./protocol.ts";

// The worker process of a peer: opens its engine and does what the driver orders. A peer's own file says how its engine is
// opened and a workflow run; that steps are counted, timed and slowed down alike is said here, once.

/** What every step of a workflow calls; its result is what the engine has to record before the next step begins. */
export type Step = (workflow: string, index: number) => number | Promise<number>;

export interface PeerEngine extends AsyncDisposable {
  /** Runs one workflow of ten sequential steps to its end. */
  run(workflow: string): Promise<void>;
  /** Goes on with what an earlier process left; for an engine that does so when it is opened, nothing. */
  goOn(workflow: string): Promise<void>;
}

export async function serve(open: (given: Setting, step: Step) => Promise<PeerEngine>): Promise<void> {
  const given = setting.parse(JSON.parse(process.argv[2] ?? ""));
  let load: Load | undefined;
  const step: Step = (workflow, index) => {
    if (isSlow(workflow)) return slowStep(given.ledger, workflow, index);
    load?.began(workflow, index);
    return index;
  };
  process.on("disconnect", () => process.exit());
  try {
    const engine = await open(given, step);
    process.on("message", (message) => {
      void obey(engine, order.parse(message), (begun) => (load = begun)).then(say, fail);
    });
    say({ said: "ready" });
  } catch (error) {
    fail(error);
  }
}

async function obey(engine: PeerEngine, asked: Order, loading: (load: Load) => void): Promise<Answer> {
  switch (asked.do) {
    case "load": {
      const load = new Load(asked.seconds);
      loading(load);
      return { said: "loaded", figures: await load.through(asked.inFlight, (workflow) => engine.run(workflow)) };
    }
    case "begin":
      // Nobody waits for its end: the process is killed in the middle of it.
      engine.run(asked.workflow).catch(fail);
      break;
    case "go on":
      engine.goOn(asked.workflow).catch(fail);
      break;
    case "close":
      await engine[Symbol.asyncDispose]();
  }
  return { said: "done" };
}

/** One step of an interrupted workflow, wherever it runs. */
export async function slowStep(ledger: string, workflow: string, index: number): Promise<number> {
  enter(ledger, { workflow, index, what: "began" });
  await sleep(SLOW_STEP_MS);
  enter(ledger, { workflow, index, what: "ended" });
  return index;
}

function say(said: Answer): void {
  process.send?.(said);
}

function fail(error: unknown): void {
  say({ said: "failed", reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}
