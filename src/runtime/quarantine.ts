import { decode, encode, fact, type Fact } from "#events/catalog.ts";
import { Fault } from "#events/fault.ts";
import { newBatchId, RANDOM_BYTES_PER_ID, type PlanId } from "#events/ids.ts";
import { planStream, SYSTEM_STREAM } from "#events/streams.ts";
import { appendUntilAnswered } from "#src/runtime/appender.ts";
import type { RuntimeContext } from "#src/runtime/context.ts";

// Plans that nobody may run for now, kept in the `system` stream because a plan's own fold may be what fails. Such a
// plan stays visible and exportable; a person releases it when the cause is gone.

export interface QuarantinedPlan {
  readonly plan: PlanId;
  readonly code: string;
  readonly message: string;
  readonly revision: number;
}

type QuarantineDeps = Pick<RuntimeContext, "events" | "clock" | "random" | "log" | "signal">;

export class Quarantine {
  private readonly deps: QuarantineDeps;
  private readonly plans = new Map<PlanId, QuarantinedPlan>();
  private revision = -1;
  private writing: Promise<void> = Promise.resolve();

  private constructor(deps: QuarantineDeps) {
    this.deps = deps;
  }

  static async load(deps: QuarantineDeps): Promise<Quarantine> {
    const quarantine = new Quarantine(deps);
    await quarantine.catchUp();
    return quarantine;
  }

  /** Reads what other coordinators have written. */
  async catchUp(): Promise<void> {
    for await (const event of this.deps.events.read(SYSTEM_STREAM, { from: this.revision + 1 })) {
      if (event.revision <= this.revision) continue;
      this.apply(decode(event));
      this.revision = event.revision;
    }
  }

  has(plan: PlanId): boolean {
    return this.plans.has(plan);
  }

  list(): QuarantinedPlan[] {
    return [...this.plans.values()];
  }

  /** At once for this process, durably as soon as the store lets it. */
  add(plan: PlanId, fault: Fault): Promise<void> {
    const revision = typeof fault.details["revision"] === "number" ? fault.details["revision"] : -1;
    const { code, message } = fault;
    this.plans.set(plan, { plan, code, message, revision });
    return this.write(fact("PlanQuarantined", { plan, stream: planStream(plan), revision, code, message }));
  }

  release(plan: PlanId): Promise<void> {
    this.plans.delete(plan);
    return this.write(fact("PlanReleased", { plan }));
  }

  private apply(source: Fact): void {
    if (source.type === "PlanQuarantined") {
      const { plan, code, message, revision } = source.data;
      this.plans.set(plan, { plan, code, message, revision });
    } else if (source.type === "PlanReleased") this.plans.delete(source.data.plan);
    else throw new Fault("event-refused", `${source.type} does not belong to the system stream`);
  }

  /** One after the other within this process; where another one was faster, its facts are read first. */
  private write(source: Fact): Promise<void> {
    this.writing = this.writing
      .then(() => this.append(source))
      .catch((error: unknown) => {
        this.deps.log.error("the quarantine could not be recorded", { error });
      });
    return this.writing;
  }

  private async append(source: Fact): Promise<void> {
    const { clock, random } = this.deps;
    const id = newBatchId(clock.now(), random.bytes(RANDOM_BYTES_PER_ID));
    const origin = { batch: id, occurredAt: clock.now(), tenant: "default", correlation: "system", actor: "system" };
    const events = [encode(source)];
    const batch = { id, stream: SYSTEM_STREAM, expectedRevision: this.revision, origin, events };
    try {
      this.revision = (await appendUntilAnswered(batch, this.deps)).revision;
    } catch (error) {
      if (!Fault.is(error, "stream-conflict")) throw error;
      await this.catchUp();
      this.apply(source);
      await this.append(source);
    }
  }
}
