import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RemoteClient } from "#src/client/remote.ts";
import { connectPlanwright } from "#src/compose.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { planwright, type Ran } from "../e2e/command.ts";
import { Effects } from "./checkers/effects.ts";
import { Law } from "./checkers/law.ts";
import { checkStore } from "./checkers/store.ts";
import { Ledger } from "./ledger.ts";
import { crashPlace, type Place } from "./place.ts";
import type { Program } from "./program.ts";
import { recordedOf } from "./recorded.ts";
import { Witness } from "./witness.ts";

// A process that holds a store is stopped for longer than an executor may be silent, with tools under way, a timer that falls
// due and a subscriber; others ask meanwhile; then it is continued.

const STOPPED_MS = 7_000;
const SLOW_TEST_MS = 90_000;
const PLAN = `plan: stopped
steps:
  once: { tool: effects.once, with: { ms: 400 } }
  again: { tool: effects.again, with: { ms: 400 } }
  nap: { wait: 2s }
  after: { needs: [once, again, nap], tool: effects.once }
respond: went on
`;

let place: Place;
let program: Program;
let client: RemoteClient;
const witness = new Witness();
let law: Law;
let ledger: Ledger;
const asked: Record<string, Ran> = {};
const times = { stoppedAt: 0, continuedAt: 0 };

beforeAll(async () => {
  place = await crashPlace();
  ledger = new Ledger(place.ledger);
  law = new Law(place.store);
  program = place.start(["serve", "--json"]);
  await program.until(() => program.firstLineMs !== undefined, SLOW_TEST_MS);
  client = await connectPlanwright({ store: place.store });
  const leaving = new AbortController();
  const following = (async () => {
    for await (const fact of client.events({}, { signal: leaving.signal })) {
      witness.see(fact);
      law.follow(recordedOf(fact));
    }
  })();
  const { plan } = await client.submit({ source: PLAN });
  await program.until(() => program.facts >= FACTS_UNTIL_TOOLS_RUN, SLOW_TEST_MS);
  program.kill("SIGSTOP");
  times.stoppedAt = Date.now();
  await askOthers();
  await program.until(() => false, Math.max(0, times.stoppedAt + STOPPED_MS - Date.now()));
  times.continuedAt = systemClock.now();
  program.kill("SIGCONT");
  await client.wait({ plan, timeoutMs: SLOW_TEST_MS });
  program.kill("SIGTERM");
  await program.ended;
  leaving.abort();
  await following;
}, SLOW_TEST_MS);

afterAll(async () => {
  program.kill("SIGKILL");
  client[Symbol.dispose]();
  await place[Symbol.asyncDispose]();
});

const FACTS_UNTIL_TOOLS_RUN = 5;

async function askOthers(): Promise<void> {
  const file = await place.write("other.yaml", "plan: other\nsteps:\n  one: { value: 1 }\n");
  const ask = async (name: string, ...args: readonly string[]): Promise<void> => {
    asked[name] = await planwright([...args, "--store", place.store], { cwd: place.path });
  };
  await Promise.all([
    ask("list", "list"),
    ask("doctor", "doctor"),
    ask("run", "run", file),
    ask("submit", "submit", file),
    ask("cancel", "cancel", "last"),
  ]);
}

describe("while the holder of a store is stopped", () => {
  it("others read beside it", () => {
    expect(asked["list"]).toMatchObject({ code: 0, stdout: expect.stringContaining("stopped") as string });
    expect(asked["doctor"]).toMatchObject({ code: 0, stdout: expect.stringContaining("all is well") as string });
  });

  it("others who want to write are told who holds it", () => {
    const held = new RegExp(`store-locked: .* is held by process ${program.pid} \\(planwright serve\\)`);
    for (const name of ["run", "submit", "cancel"]) {
      expect(asked[name]?.code, name).toBe(5);
      expect(asked[name]?.stderr, name).toMatch(held);
    }
  });
});

describe("a process that goes on after a long stop", () => {
  it("ends what ran when it was stopped, and doubles nothing", () => {
    const fresh = ledger.refresh();
    new Effects(law, ledger).check(fresh);
    const begun = fresh.filter(({ what }) => what === "begun").map(({ step }) => step);
    expect(begun.toSorted()).toEqual(["after", "again", "once"]);
    expect(law.log.map(({ type }) => type)).not.toContain("StepLost");
    expect(law.log.at(-1)?.type).toBe("PlanSucceeded");
  });

  it("lets a timer fire that fell due meanwhile, once", () => {
    const ended = law.log.filter(({ type }) => type === "StepWaitEnded");
    expect(ended).toHaveLength(1);
    expect(ended[0]?.origin.occurredAt).toBeGreaterThanOrEqual(times.continuedAt - CLOCK_GRAIN_MS);
  });

  it("has shown its subscriber every fact once, and all of them are in the log", async () => {
    expect(await checkStore(place.store, witness, { isThorough: true })).toHaveLength(law.log.length);
    expect(times.continuedAt - times.stoppedAt).toBeGreaterThanOrEqual(STOPPED_MS);
  });
});

const CLOCK_GRAIN_MS = 2;
