import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { connectPlanwright } from "#src/compose.ts";
import { Effects } from "./checkers/effects.ts";
import { Law } from "./checkers/law.ts";
import { checkStore } from "./checkers/store.ts";
import { Ledger } from "./ledger.ts";
import { crashPlace, type Place } from "./place.ts";
import type { Program } from "./program.ts";
import { Witness } from "./witness.ts";

// A tool in the engine's own loop takes all memory, and the whole process dies of it, with what others had under way. It dies
// again with each attempt of that step; after the last one the plan has failed, and everything else has gone on.

const CELLS = fileURLToPath(new URL("../fixtures/tools/isolated.tools.ts", import.meta.url));
const HEAP = { env: { NODE_OPTIONS: "--max-old-space-size=96" } };
const ATTEMPTS = 3;
const SLOW_TEST_MS = 120_000;
const EATING =
  "plan: eating\nsteps:\n  first: { tool: effects.once }\n  eats: { needs: [first], tool: cell.eats-heap }\n";
/** Each death takes an attempt of what was under way, so that more of them are given than there are deaths. */
const CAREFUL = `plan: careful
steps:
  once: { tool: effects.once, with: { ms: 5000 } }
  again: { tool: effects.again, with: { ms: 1500 }, retry: { attempts: 9 } }
  after: { needs: [again], tool: effects.once }
`;

async function started(place: Place): Promise<Program> {
  const program = place.start(["serve", "--json", "--tools", CELLS], HEAP);
  await program.until(() => program.firstLineMs !== undefined, SLOW_TEST_MS);
  return program;
}

describe("a process that dies of its memory limit", () => {
  it(
    "has lost nothing; the step that killed it fails after its attempts, and the others go on",
    async () => {
      await using place = await crashPlace();
      const law = new Law(place.store);
      const ledger = new Ledger(place.ledger);
      const effects = new Effects(law, ledger);
      const look = async (): Promise<void> => {
        const fresh = ledger.refresh();
        const log = await checkStore(place.store, new Witness(), { isThorough: true });
        for (const event of log.slice(law.log.length)) law.follow(event);
        effects.check(fresh);
      };

      let program = await started(place);
      const careful = await submitted(place, CAREFUL);
      const eating = await submitted(place, EATING);
      for (let death = 1; death <= ATTEMPTS; death++) {
        const { signal, stderr } = await program.ended;
        expect({ signal, stderr }).toMatchObject({
          signal: "SIGABRT",
          stderr: expect.stringContaining("heap") as string,
        });
        await look();
        expect(law.stories.get(eating)?.steps.get("eats")?.attempts).toBe(death);
        program = await started(place);
      }

      using client = await connectPlanwright({ store: place.store });
      const { status } = await client.wait({ plan: eating, timeoutMs: SLOW_TEST_MS });
      expect(status).toBe("failed");
      await client.resolve({ plan: careful, step: "once", answer: { kind: "done", output: "looked" } });
      expect(await client.wait({ plan: careful, timeoutMs: SLOW_TEST_MS })).toMatchObject({ status: "succeeded" });
      program.kill("SIGTERM");
      expect(await program.ended).toMatchObject({ code: 0 });
      await look();
      expect(ledger.of(careful, "once").map(({ what }) => what)).toEqual(["begun"]);
      expect(ledger.of(eating, "first").map(({ what }) => what)).toEqual(["begun", "done"]);
    },
    SLOW_TEST_MS,
  );
});

async function submitted(place: Place, source: string): Promise<string> {
  using client = await connectPlanwright({ store: place.store });
  return (await client.submit({ source })).plan;
}
