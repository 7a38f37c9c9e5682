import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { measure } from "../../../bench/peers/measure.ts";
import { folderOf } from "../../../bench/peers/installed.ts";
import { planwright } from "../../../bench/peers/planwright/peer.ts";
import { planwrightOverNats } from "../../../bench/peers/planwright-nats/peer.ts";
import { natsAndExecutor } from "../../../bench/peers/servers/nats.ts";
import { familyOf } from "../../../bench/peers/resident-memory.ts";
import { Workplace } from "../../../bench/peers/workplace.ts";
import { hasNats } from "../../nats/server.ts";
import { requireServer } from "../../require.ts";

// The cheapest real peer goes through the whole protocol: worker processes, load, the scales, a SIGKILL.

const WHOLE_TURN_MS = 120_000;
const WORKER = fileURLToPath(new URL("sources-worker.ts", import.meta.url));

describe("a peer's turn", () => {
  it(
    "measures Planwright with one workflow in flight and with fifty, and goes on after a kill with one step run again",
    async () => {
      const scratch = scratchFolder();
      const measured = await measure(planwrightOver(scratch), { seconds: 1, kills: 1, scratch, tell: () => undefined });
      expect(measured.stretches.map(({ inFlight }) => inFlight)).toEqual([1, 50]);
      for (const stretch of measured.stretches) {
        expect(stretch.stepsPerS).toBeGreaterThan(0);
        expect(stretch.repeated).toBe(0);
        expect(stretch.stepMsP99).toBeGreaterThanOrEqual(stretch.stepMsP50!);
        expect(stretch.rawPerS).toBeGreaterThan(0);
      }
      expect(measured.bytesPerStep).toBeGreaterThan(100);
      expect(measured.recoveries).toEqual([{ goesOnMs: expect.any(Number), inFlightAgain: 1, endedAgain: 0 }]);
      expect(measured.recoveries[0]!.goesOnMs).toBeGreaterThan(0);
      // Nothing that was started is left.
      expect(familyOf([process.pid]).filter((pid) => commandOf(pid).includes(scratch))).toEqual([]);
    },
    WHOLE_TURN_MS,
  );

  requireServer("nats", hasNats)("over NATS", () => {
    it(
      "measures a coordinator whose executor outlives it: after a kill nothing runs again",
      async () => {
        const scratch = scratchFolder();
        const folder = folderOf(planwrightOverNats);
        const program = natsAndExecutor.find(folder);
        const place = { scratch, folder, program, signal: new AbortController().signal };
        const workplace = new Workplace(planwrightOverNats, place);
        const measured = await measure(workplace, { seconds: 1, kills: 1, scratch, tell: () => undefined });
        for (const { stepsPerS, repeated } of measured.stretches) {
          expect(stepsPerS).toBeGreaterThan(0);
          expect(repeated).toBe(0);
        }
        expect(measured.recoveries).toEqual([{ goesOnMs: expect.any(Number), inFlightAgain: 0, endedAgain: 0 }]);
        expect(familyOf([process.pid]).filter((pid) => commandOf(pid).includes(scratch))).toEqual([]);
      },
      WHOLE_TURN_MS,
    );
  });

  it(
    "ends with what the worker said where its engine cannot be opened",
    async () => {
      const scratch = scratchFolder();
      const folder = path.dirname(WORKER);
      const peer = { ...planwright, worker: "no-such-worker.ts" };
      const { signal } = new AbortController();
      const workplace = new Workplace(peer, { scratch, folder, program: undefined, signal });
      const turn = measure(workplace, { seconds: 1, kills: 0, scratch, tell: () => undefined });
      await expect(turn).rejects.toThrow(/the worker ended:[^]*no-such-worker/);
    },
    WHOLE_TURN_MS,
  );
});

function planwrightOver(scratch: string): Workplace {
  const peer = { ...planwright, worker: path.basename(WORKER) };
  const { signal } = new AbortController();
  return new Workplace(peer, { scratch, folder: path.dirname(WORKER), program: undefined, signal });
}

function scratchFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "planwright-peers-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function commandOf(pid: number): string {
  const file = `/proc/${pid}/cmdline`;
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}
