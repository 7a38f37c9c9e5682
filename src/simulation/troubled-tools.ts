import type { CoordinatorMessage } from "#src/ports/bus.ts";
import { sleep } from "#src/ports/clock.ts";
import type { SeededRandom } from "#src/testing/seeded-random.ts";
import { ToolFailure, type Tool, type ToolContext } from "#src/tools/define.ts";

// Tools in trouble: the same tools, some of whose calls come to something else.
//
// B1. What a call does before it dies or answers late is done: the effect is there, and its outcome is not known.

/** `fails` … now and then; `down`: a tool that never works, also when everything else is calm. */
export type ToolTrouble = "fails" | "hangs" | "late" | "dies" | "down";

/** How a tool fails whose own thread or process has died. */
export const CELL_DIED = "cell-died";

export interface TroubleOptions {
  readonly trouble: ToolTrouble;
  readonly random: SeededRandom;
  /** Whether faults have stopped. */
  readonly isCalm: () => boolean;
  /** Name of the tool that is down. */
  readonly down: string | undefined;
}

const CHANCE = 0.4;
/** Longer than any attempt may take that says nothing of its time. */
const LATE_MS = 600_000;

export function troubled(tools: readonly Tool[], options: TroubleOptions): Tool[] {
  return tools.map((tool) => {
    const run = (args: unknown, context: ToolContext): Promise<unknown> =>
      runTroubled(tool, { args, context }, options);
    return { ...tool, run };
  });
}

interface Call {
  readonly args: unknown;
  readonly context: ToolContext;
}

async function runTroubled(tool: Tool, { args, context }: Call, options: TroubleOptions): Promise<unknown> {
  const { trouble, random, isCalm, down } = options;
  const work = async (): Promise<unknown> => tool.run(args, context);
  if (trouble === "down") {
    if (tool.name !== down) return work();
    throw new ToolFailure("unavailable", `${tool.name} is down`, { code: "simulated-outage" });
  }
  if (isCalm() || !random.chance(CHANCE)) return work();
  switch (trouble) {
    case "fails":
      throw new ToolFailure("unavailable", `${tool.name} is busy`, { code: "simulated-failure" });
    case "hangs":
      return new Promise((_, reject) => {
        const { signal } = context;
        signal.addEventListener("abort", () => reject(new Error("told to stop")), { once: true });
      });
    case "late":
      await sleep(context.clock, random.next() * LATE_MS, new AbortController().signal);
      return work();
    case "dies":
      if (random.chance(0.5)) await work();
      throw new ToolFailure("unavailable", `the process of ${tool.name} has died`, { code: CELL_DIED });
  }
}

type Report = Extract<CoordinatorMessage, { kind: "report" }>;

/** What an executor says of a tool whose own process has died: nobody answered. */
export function silenced(report: Report): Report {
  const { outcome } = report;
  if (outcome.kind !== "failed" || outcome.error.code !== CELL_DIED) return report;
  return { ...report, outcome: { ...outcome, isSilent: true } };
}
