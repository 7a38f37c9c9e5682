import { openSync, writeSync } from "node:fs";
import process from "node:process";
import type { Json } from "#events/json.ts";
import { keepHeapSmall } from "#src/ports/system/heap.ts";
import { Judge } from "./judge.ts";
import { randomOf } from "./randomness.ts";
import { shrink } from "./shrink.ts";
import type { OpenTarget, Targets } from "./target.ts";

// A process that hands cases of one target over, one after the other, up to the first that breaks a rule. Whoever started it
// ends it when a case does not come back, and knows from the position file which one that is.

export interface LaneOrder {
  /** URL of the module that exports `targets`. */
  readonly table: string;
  readonly target: string;
  readonly seed: number;
  readonly first: number;
  readonly count: number;
  /** Where the number of the case under way is written. */
  readonly position: string;
  /** One input in place of drawn ones. */
  readonly input?: Json;
  readonly maxTries: number;
}

export interface FoundViolation {
  readonly case: number;
  readonly violation: string;
  readonly input: Json;
  /** The smallest input found that breaks a rule. */
  readonly smallest: Json;
  /** Whether the case breaks a rule alone, without those before it. */
  readonly isAlone: boolean;
}

/** `violation` is said at once, and again when its input was made smaller: a lane may die of that. */
export type LaneReport =
  | {
      readonly kind: "progress";
      readonly done: number;
      readonly tally: Readonly<Record<string, number>>;
      readonly rssBytes: number;
    }
  | { readonly kind: "violation"; readonly found: FoundViolation }
  | { readonly kind: "done" };

/** Cases between two reports. */
const BATCH = 200;

async function lane(order: LaneOrder): Promise<void> {
  keepHeapSmall();
  const { targets } = (await import(order.table)) as { targets: Targets };
  const open = targets[order.target];
  if (open === undefined) throw new Error(`there is no target ${order.target}`);
  await using judge = await Judge.open(order.target, open);
  const pulse = new Pulse(order.position);
  let tally: Record<string, number> = {};
  for (let number = order.first; number < order.first + order.count; number++) {
    pulse.beat(number);
    const input = order.input ?? judge.target.draw(randomOf(order.seed, number));
    const verdict = await judge.judge(input);
    if (!verdict.ok) {
      const found = { case: number, violation: verdict.violation, input, smallest: input, isAlone: false };
      await tell({ kind: "violation", found });
      await tell({ kind: "violation", found: await explained(found, { open, order, pulse }) });
      break;
    }
    tally[verdict.outcome] = (tally[verdict.outcome] ?? 0) + 1;
    const done = number + 1 - order.first;
    if (done % BATCH === 0 || done === order.count) {
      await tell({ kind: "progress", done, tally, rssBytes: settledRss() });
      tally = {};
    }
  }
  await tell({ kind: "done" });
}

/** The case under way and how often anything was begun, where whoever watches this process sees both. */
class Pulse {
  private readonly file: number;
  private beats = 0;

  constructor(position: string) {
    this.file = openSync(position, "w");
  }

  beat(number: number): void {
    writeSync(this.file, `${number} ${this.beats++}`.padEnd(32), 0);
  }
}

interface Explaining {
  readonly open: OpenTarget;
  readonly order: LaneOrder;
  readonly pulse: Pulse;
}

/** Whether the input breaks the rule without the cases before it, and the smallest that does. */
async function explained(found: FoundViolation, { open, order, pulse }: Explaining): Promise<FoundViolation> {
  await using judge = await Judge.open(order.target, open);
  const kind = kindOf(found.violation);
  const fails = async (candidate: Json): Promise<boolean> => {
    pulse.beat(found.case);
    const again = await judge.judge(candidate);
    return !again.ok && kindOf(again.violation) === kind;
  };
  if (!(await fails(found.input))) return found;
  return { ...found, isAlone: true, smallest: await shrink(found.input, fails, order) };
}

/** The same rule broken at the same place: numbers and texts of the input may differ. */
function kindOf(violation: string): string {
  const [message = "", place = ""] = violation.split("\n");
  return `${message.replaceAll(/"[^"]*"|\d+/g, "…").slice(0, 60)} ${place.trim()}`;
}

function settledRss(): number {
  globalThis.gc?.();
  return process.memoryUsage.rss();
}

function tell(report: LaneReport): Promise<void> {
  return new Promise((resolve, reject) => {
    if (process.send === undefined) throw new Error("a lane is started by the fuzzer");
    process.send(report, undefined, undefined, (error) => (error === null ? resolve() : reject(error)));
  });
}

if (process.send !== undefined) {
  await lane(JSON.parse(process.argv[2] ?? "{}") as LaneOrder);
  process.disconnect();
  process.exit(0);
}
