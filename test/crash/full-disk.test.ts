import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { Fault } from "#events/fault.ts";
import { connectPlanwright } from "#src/compose.ts";
import { planwright, type Ran } from "../e2e/command.ts";
import { canMount, mountDisk } from "../e2e/small-disk.ts";
import { requireServer } from "../require.ts";
import { Effects } from "./checkers/effects.ts";
import { Law } from "./checkers/law.ts";
import { checkStore } from "./checkers/store.ts";
import { Ledger } from "./ledger.ts";
import { LOAD_PLANS } from "./load/plans.ts";
import { crashPlace, type Place } from "./place.ts";
import type { Program } from "./program.ts";
import { Witness } from "./witness.ts";

// The disk under the store of a whole process fills up while plans run and others hand it more; it is killed when the disk is
// full, and started before and after there is space again.

const DISK_BYTES = 6 * 1024 * 1024;
const BALLAST_BYTES = 3 * 1024 * 1024;
const BALLAST = "ballast";
const SLOW_TEST_MS = 120_000;
const ASKED_WITHIN_MS = 3_000;
const MAX_STARTS = 200;

const isMountable = await canMount();

requireServer("tmpfs", isMountable)("a full disk under a process that serves", () => {
  it(
    "is named, loses nothing that was answered, and everything goes on with space",
    { timeout: SLOW_TEST_MS },
    async () => {
      await using place = await crashPlace({ store: "disk/store" });
      using disk = mountDisk(path.join(place.path, "disk"), DISK_BYTES);
      const ballast = path.join(disk?.path ?? "", BALLAST);
      writeFileSync(ballast, Buffer.alloc(BALLAST_BYTES));
      const witness = new Witness();

      const first = await served(place);
      const refused = await startUntilRefused(place, witness);
      expect(refused).toMatchObject({ code: "store-full", retryable: true });
      expect(await first.until(() => first.hasEnded, 0)).toBe(false);
      expect(await ask(place, "list")).toMatchObject({ code: 0, stdout: expect.stringContaining("bulky") as string });
      expect((await ask(place, "doctor")).stdout).toContain("all is well");
      first.kill("SIGKILL");
      await first.ended;

      // What is left goes too: a process that takes the store now finds no byte.
      fill(path.join(disk?.path ?? "", "rest"));
      for (const command of [["serve"], ["resume"], ["cancel", "last"]]) {
        const ran = await ask(place, ...command);
        expect(ran.code, command.join(" ")).toBe(5);
        expect(ran.stderr, command.join(" ")).toMatch(
          /store-full: .*no space left; nothing was written, free some and go on/,
        );
      }
      await checkStore(place.store, witness, { isThorough: true });

      rmSync(ballast);
      rmSync(path.join(disk?.path ?? "", "rest"));
      const second = await served(place);
      await endAll(place, witness);
      second.kill("SIGTERM");
      expect(await second.ended).toMatchObject({ code: 0 });
      await judge(place, witness);
    },
  );
});

async function served(place: Place): Promise<Program> {
  const program = place.start(["serve", "--json"]);
  await program.until(() => program.firstLineMs !== undefined, SLOW_TEST_MS);
  return program;
}

/** Starts plans until one is refused, or not answered, which a full disk is as well: it waits for space. */
async function startUntilRefused(place: Place, witness: Witness): Promise<unknown> {
  using client = await connectPlanwright({ store: place.store });
  const plans = LOAD_PLANS.filter(({ name }) => name === "bulky" || name === "large" || name === "orders");
  for (let index = 0; index < MAX_STARTS; index++) {
    const { source } = plans[index % plans.length]!;
    try {
      const inputs = { id: `n${index}` };
      const { plan } = await client.submit({ source, inputs }, { signal: AbortSignal.timeout(ASKED_WITHIN_MS) });
      witness.hear({ operation: "submit", plan, revision: undefined, type: "PlanStarted", mark: "" });
    } catch (error) {
      if (error instanceof Fault) return error;
      // Its grants are on the disk, its first facts are not: from now on others are refused as well.
      fill(path.join(path.dirname(place.store), "rest"));
    }
  }
  return undefined;
}

/** Takes every byte that there is. */
function fill(file: string): void {
  for (const bytes of [65_536, 4_096]) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(bytes), { flag: "a" });
    } catch {
      // Full.
    }
  }
}

function ask(place: Place, ...args: readonly string[]): Promise<Ran> {
  return planwright([...args, "--store", place.store], { cwd: place.path });
}

async function endAll(place: Place, witness: Witness): Promise<void> {
  using client = await connectPlanwright({ store: place.store });
  for (const { plan } of witness.answers) {
    for (let status = await client.wait({ plan, timeoutMs: SLOW_TEST_MS }); status.unknown.length > 0;) {
      const [step = ""] = status.unknown;
      await client.resolve({ plan, step, answer: { kind: "retry" } });
      status = await client.wait({ plan, timeoutMs: SLOW_TEST_MS });
    }
  }
}

async function judge(place: Place, witness: Witness): Promise<void> {
  const law = new Law(place.store);
  const ledger = new Ledger(place.ledger);
  const fresh = ledger.refresh();
  for (const event of await checkStore(place.store, witness, { isThorough: true })) law.follow(event);
  const effects = new Effects(law, ledger);
  effects.check(fresh);
  effects.checkEnd();
  expect([...law.stories.values()].filter(({ status }) => status !== "succeeded")).toEqual([]);
  expect(witness.answers.length).toBeGreaterThan(3);
}
