// A plan that has begun, and what became of its steps: what tests ask of a driver again and again.
import type { Fact } from "#events/catalog.ts";
import type { Command } from "#events/commands.ts";
import type { PlanDefinition, StepDefinition } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import type { ListPart } from "#events/payload.ts";
import { advance } from "#machines/advance.ts";
import { NO_BLOBS } from "#machines/blobs.ts";
import type { Advance } from "#machines/decide/decision.ts";
import { recordAt } from "#machines/state.ts";
import type { StepStateName } from "#machines/step-chart.ts";
import type { StepRecord } from "#machines/step-record.ts";
import { stepIndex } from "#machines/step-path.ts";
import type { Offer } from "#src/testing/scenario.ts";
import { Driver, type DriverOptions } from "./driver.ts";
import { after as stateOf } from "./folded.ts";
import { EPOCH, NOW, planOf, WORKER } from "./plans.ts";

interface Beginning {
  readonly fields?: Partial<PlanDefinition>;
  readonly slots?: number;
  readonly options?: DriverOptions;
}

/** The plan after its first turn. */
export function begun(steps: readonly StepDefinition[], { fields, slots, options }: Beginning = {}): Driver {
  const driver = new Driver(options);
  const commands: readonly Command[] = [{ type: "StartPlan", definition: planOf(steps, fields), inputs: {} }];
  driver.turn(slots === undefined ? { commands } : { commands, slots });
  return driver;
}

/** The answer to one command. */
export const tell = (driver: Driver, command: Command) => driver.turn({ commands: [command] })[0];

/** Facts that others decided, and what follows from them. */
export function after(driver: Driver, ...facts: readonly Fact[]): Driver {
  driver.record(...facts);
  driver.turn();
  return driver;
}

export const recordOf = ({ state }: Driver, path: string): Readonly<StepRecord> =>
  recordAt(state, stepIndex(state, path));

export const valueAt = (driver: Driver, path: string): StepStateName => recordOf(driver, path).chart.value;

/** The data of all facts of one type, in their order. */
export const factsOf = ({ events }: Driver, type: Fact["type"]): readonly unknown[] =>
  events.filter((event) => event.type === type).map(({ data }) => data);

/** Entries as one part of a list. */
export const partOf = (...entries: readonly Json[]): ListPart => ({
  items: { inline: entries },
  count: entries.length,
});

/** What follows next from facts that were decided elsewhere, without anybody asking. */
export function follows(facts: readonly Fact[], { slots = 1, blobs = NO_BLOBS }: Offer = {}): Advance {
  const moment = { now: NOW, epoch: EPOCH, random: () => 0.5 };
  const executorFor = () => (slots > 0 ? WORKER : undefined);
  return advance(stateOf(facts), { moment, blobs, slots: { executorFor } });
}
