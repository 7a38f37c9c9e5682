import type { PlanDefinition } from "#events/definition.ts";
import { Fault } from "#events/fault.ts";
import { assertSame, beginningOf, planOfKey } from "#src/api/client-key.ts";
import type { Holder } from "#src/simulation/cluster.ts";
import { randomPlan } from "../plans/random-plan.ts";
import type { Desk } from "./desk.ts";

// Clients that start a plan by a key of their own: at once, again after a crash, and some that mean another plan by it.

const ASK_AGAIN_AFTER_MS = 2_000;
const BEGIN_WITHIN_MS = 20_000;

interface Wanted {
  readonly key: string;
  readonly definition: PlanDefinition;
}

export class Clients {
  private readonly desk: Desk;

  constructor(desk: Desk) {
    this.desk = desk;
  }

  begin(key: string): void {
    const { random } = this.desk.world;
    const definition = randomPlan(random, `keyed-${key}-v1`);
    const other = { ...definition, name: `keyed-${key}-v2` };
    const count = random.int(2, 3);
    for (let client = 0; client < count; client++) {
      const wanted = { key, definition: random.chance(0.2) ? other : definition };
      this.desk.world.schedule(random.next() * BEGIN_WITHIN_MS, () => this.ask(wanted));
    }
  }

  /** Until an answer comes. */
  private ask(wanted: Wanted): void {
    const { world, judge, cluster, guard } = this.desk;
    const { key, definition } = wanted;
    const plan = planOfKey(key);
    let isAnswered = false;
    const answer = (told: typeof plan | undefined): void => {
      isAnswered = true;
      world.note(`${definition.name}: ${told === undefined ? "refused" : "attached or begun"}`);
      guard(() => judge.keys.answered({ key, name: definition.name, plan: told }));
    };
    const holder = cluster.holderOf(plan);
    if (holder !== undefined) {
      this.start(wanted, holder).then(
        () => answer(plan),
        (error: unknown) => {
          if (Fault.is(error, "client-key-conflict")) answer(undefined);
        },
      );
    }
    world.schedule(ASK_AGAIN_AFTER_MS, () => {
      if (!isAnswered) this.ask(wanted);
    });
  }

  /** As the application does it: attach to what has begun, else begin, and look again where somebody was faster. */
  private async start({ key, definition }: Wanted, { coordinator, events, payloads }: Holder): Promise<void> {
    const plan = planOfKey(key);
    const attach = async (): Promise<boolean> => {
      const beginning = await beginningOf(plan, { events, plans: payloads });
      if (beginning !== undefined) assertSame(beginning, { key, definition, inputs: {} });
      return beginning !== undefined;
    };
    if (await attach()) return;
    const decision = await coordinator.send(plan, { type: "StartPlan", definition, inputs: {} });
    if (decision.kind === "duplicate") await attach();
    if (decision.kind === "rejected") throw new Fault(decision.code, decision.reason);
  }
}
