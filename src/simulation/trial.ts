import type { Fact } from "#events/catalog.ts";
import type { Command } from "#events/commands.ts";
import type { PlanDefinition } from "#events/definition.ts";
import { newPlanId, RANDOM_BYTES_PER_ID, type PlanId } from "#events/ids.ts";
import type { JsonObject } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import { planStream } from "#events/streams.ts";
import { planBlock } from "#machines/block.ts";
import { isEnded, planStateOf, type PlanView } from "#machines/state.ts";
import { selectWaiting, type Explanation } from "#projections/why.ts";
import { toolsIn } from "#src/api/missing-tools.ts";
import { isSettled } from "#src/api/plan-book.ts";
import { loadPlan } from "#src/runtime/load.ts";
import { Payloads } from "#src/runtime/payloads.ts";
import { openMemory } from "#src/store/memory/open.ts";
import type { Limits } from "#src/ports/limits.ts";
import type { ClusterOptions } from "#src/simulation/cluster-options.ts";
import { Cluster } from "#src/simulation/cluster.ts";
import type { FaultKind } from "#src/simulation/fault-kinds.ts";
import { CALM } from "#src/simulation/fault-rates.ts";
import { silenced, troubled } from "#src/simulation/troubled-tools.ts";
import { World } from "#src/simulation/world.ts";
import { OutsideWork } from "#src/testing/outside-work.ts";
import { withoutIsolation } from "#src/testing/without-isolation.ts";
import type { Tool } from "#src/tools/define.ts";
import { registry } from "#src/tools/registry.ts";

// One run of one plan while one kind of thing goes wrong, in virtual time; a seed repeats it exactly.
//
// T1. Faults stop in the end. What a plan comes to then is its own: it has ended, or waits for a person.
// T2. Nothing runs in a thread or process of its own: those would not die with the processes of the world.
// T3. Somebody approves whatever is asked and sends every signal that is waited for: those are no faults.

export interface TrialOptions {
  readonly definition: PlanDefinition;
  readonly inputs: JsonObject;
  /** Stand-ins, or real ones: while one of those works, time passes as it does outside. */
  readonly tools: readonly Tool[];
  /** What real tools may touch; default: nothing. */
  readonly surroundings?: ClusterOptions["surroundings"];
  readonly limits: Limits;
  /** None: everything works. */
  readonly kind?: FaultKind;
  readonly seed: number;
}

type TrialStatus = "succeeded" | "failed" | "cancelled" | "rolled-back" | "needs-person" | "endless";

export interface Trial {
  readonly seed: number;
  readonly status: TrialStatus;
  /** Why it failed, or whose outcome a person has to tell: a step and a code. */
  readonly because?: { readonly step?: string; readonly code: string };
  /** Steps whose tool is not safe to run twice, and has done its work more than once. */
  readonly twice: readonly string[];
  /** Virtual ms. */
  readonly tookMs: number;
  /** What happened, with every fact. */
  readonly trace: readonly string[];
}

const EXECUTORS = 2;
const SLOTS = 4;
/** Things that happen while something goes wrong. Idle time has few, so that the end of a long wait has its faults too. */
const FAULTY_STEPS = 20_000;
const MAX_STEPS = 400_000;
const ATTEND_EVERY_MS = 1_000;
const MAX_WAITING = 100;
const SOMEBODY = "os:simulated";

export async function tryPlan(options: TrialOptions): Promise<Trial> {
  const world = new World(options.seed, { background: "coalesced" });
  const run = new TrialRun(world, options);
  await run.toItsEnd();
  return run.result();
}

class TrialRun {
  private readonly world: World;
  private readonly options: TrialOptions;
  private readonly plan: PlanId;
  private readonly cluster: Cluster;
  private readonly rates;
  /** How often a call has done its work, by what outside services would deduplicate it by. */
  private readonly done = new Map<string, number>();
  private isCalm: boolean;
  private seen: Seen | undefined;
  private failure: Trial["because"];

  constructor(world: World, options: TrialOptions) {
    const { kind, limits } = options;
    this.world = world;
    this.options = options;
    this.plan = newPlanId(world.now(), world.random.bytes(RANDOM_BYTES_PER_ID));
    this.isCalm = kind === undefined;
    this.rates = { ...CALM, ...kind?.rates };
    const tools = registry(this.troubledTools());
    const onFacts = (_plan: PlanId, facts: readonly Fact[], state: PlanView): void => this.see(facts, state);
    this.cluster = new Cluster({
      ...{ world, limits, rates: this.rates, executors: EXECUTORS, slots: SLOTS },
      toolsOf: () => tools,
      hooks: { onFacts },
      ...(options.surroundings === undefined ? {} : { surroundings: options.surroundings }),
    });
    this.cluster.bus.onReport = silenced;
  }

  async toItsEnd(): Promise<void> {
    this.world.schedule(0, () => this.attend());
    const isOver = (): boolean => this.seen?.status !== undefined;
    const untilMs = Infinity;
    if (!this.isCalm) await this.world.runUntil(isOver, { untilMs, maxSteps: FAULTY_STEPS });
    this.becomeCalm();
    await this.world.runUntil(isOver, { untilMs, maxSteps: MAX_STEPS });
  }

  result(): Trial {
    const { seed } = this.options;
    const twice = [...this.done].flatMap(([call, times]) => (times > 1 ? [call.slice(call.indexOf("/") + 1)] : []));
    const because = this.because();
    return {
      ...{ seed, status: this.status(), twice, tookMs: this.world.elapsed, trace: this.world.trace },
      ...(because === undefined ? {} : { because }),
    };
  }

  private status(): TrialStatus {
    return this.seen?.status ?? "endless";
  }

  private because(): Trial["because"] {
    const unknown = this.seen?.waiting.find(({ reason }) => reason.kind === "unknown-outcome");
    if (unknown !== undefined) return { step: unknown.step, code: "outcome-unknown" };
    return this.status() === "succeeded" ? undefined : this.failure;
  }

  private becomeCalm(): void {
    if (this.isCalm) return;
    this.world.note("faults stop");
    this.isCalm = true;
    Object.assign(this.rates, CALM);
    this.cluster.becomeCalm();
  }

  private troubledTools(): readonly Tool[] {
    const { tools, definition, kind } = this.options;
    const counted = new OutsideWork(this.world.clock).holding(tools).map((tool) => this.counted(tool));
    if (kind?.tools === undefined) return counted;
    const { random } = this.world;
    const used = toolsIn(planBlock(definition));
    const down = used.length === 0 ? undefined : random.pick(used);
    return troubled(counted, { trouble: kind.tools, random, down, isCalm: () => this.isCalm });
  }

  private counted(tool: Tool): Tool {
    if (tool.idempotent) return tool;
    const run: Tool["run"] = async (args, context) => {
      const output: unknown = await tool.run(args, context);
      const { idempotencyKey } = context;
      this.done.set(idempotencyKey, (this.done.get(idempotencyKey) ?? 0) + 1);
      return output;
    };
    return { ...tool, run };
  }

  private see(facts: readonly Fact[], state: PlanView): void {
    this.seen = seenIn(state);
    for (const { type, data } of facts) {
      this.world.note(`  ${type} ${JSON.stringify(data)}`);
      if (!("next" in data) || data.next.kind !== "final") continue;
      const code = "error" in data ? data.error.code : codeOf(type);
      this.failure = { step: data.step, code };
    }
  }

  /** Starts the plan until it has, and then answers what it asks. */
  private attend(): void {
    const holder = this.cluster.holderOf(this.plan);
    this.catchUp().catch((error: unknown) => this.world.note(`the plan cannot be read: ${String(error)}`));
    if (holder !== undefined) this.speak((command) => holder.coordinator.send(this.plan, command));
    this.world.schedule(ATTEND_EVERY_MS, () => this.attend(), { background: true });
  }

  /** Reads the log where whoever wrote last has died before it could tell. */
  private async catchUp(): Promise<void> {
    const { contents, disk } = this.cluster;
    const recorded = contents.streams.get(planStream(this.plan))?.length ?? 0;
    if (recorded - 1 <= (this.seen?.revision ?? -1)) return;
    const { events } = openMemory({ clock: this.world.clock, contents });
    const state = await loadPlan(this.plan, { events, payloads: new Payloads(disk.copy()) });
    if (state.revision > (this.seen?.revision ?? -1)) this.seen = seenIn(state);
  }

  private speak(send: (command: Command) => Promise<unknown>): void {
    const { definition, inputs } = this.options;
    const say = (command: Command): void =>
      void send(command).catch((error: unknown) => this.world.note(`no answer: ${String(error)}`));
    if (this.seen === undefined)
      say({ type: "StartPlan", definition: withoutIsolation(definition, () => true), inputs });
    for (const { step, reason } of this.seen?.waiting ?? []) {
      if (reason.kind === "approval") {
        const { hash, role } = reason;
        const roles = role === undefined ? [] : [role];
        say({ type: "DecideApproval", step, hash, verdict: "approved", by: SOMEBODY, roles });
      } else if (reason.kind === "signal") {
        // The same for the same wait: whoever asks again does not send twice.
        const id = `${step}@${reason.sinceAt}`;
        say({ type: "SendSignal", name: reason.name, payload: inline(null), by: SOMEBODY, id });
      }
    }
  }
}

/** What a plan is after facts that are durable. */
interface Seen {
  readonly revision: number;
  /** Undefined while it goes on by itself. */
  readonly status: TrialStatus | undefined;
  readonly waiting: readonly Explanation[];
}

function seenIn(state: PlanView): Seen {
  const waiting = isEnded(state) ? [] : selectWaiting(state, MAX_WAITING);
  return { revision: state.revision, status: statusOf(state), waiting };
}

function statusOf(state: PlanView): TrialStatus | undefined {
  if (!isSettled(state)) return undefined;
  const status = planStateOf(state);
  const isOver = status === "succeeded" || status === "failed" || status === "cancelled" || status === "rolled-back";
  return isOver ? status : "needs-person";
}

/** `StepTimedOut` → `timed-out`. */
function codeOf(type: Fact["type"]): string {
  return type
    .replace(/^(Step|Plan)/, "")
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, "-")
    .toLowerCase();
}
