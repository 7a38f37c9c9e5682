// An engine on one machine in virtual time: the real runtime over the memory twins, with tools that a test holds back and
// ports that a test disturbs. The disk outlives the processes, so that crash and restart are two calls.
import { z } from "zod";
import { decode, type Fact, type FactOf, type FactType } from "#events/catalog.ts";
import type { Batch } from "#events/envelope.ts";
import { Fault } from "#events/fault.ts";
import type { ExecutorId, PlanId } from "#events/ids.ts";
import type { Json } from "#events/json.ts";
import { planStream } from "#events/streams.ts";
import type { PlanView } from "#machines/state.ts";
import type { EngineOptions } from "#src/api/engine-options.ts";
import { Engine } from "#src/api/engine.ts";
import { memoryBlobs, type BlobContents } from "#src/blobs/memory.ts";
import { MemoryBus } from "#src/bus/memory.ts";
import type { Workshop } from "#src/executor/attempt.ts";
import type { BlobStore } from "#src/ports/blob-store.ts";
import type { Bus, CoordinatorMessage, ExecutorMessage } from "#src/ports/bus.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { EventStore } from "#src/ports/event-store.ts";
import { UNLIMITED } from "#src/ports/limits.ts";
import type { Log } from "#src/ports/log.ts";
import { createMemoryContents, eventsAt } from "#src/store/memory/contents.ts";
import { openMemory } from "#src/store/memory/open.ts";
import { defineTool, type ToolContext } from "#src/tools/define.ts";
import { registry } from "#src/tools/registry.ts";
import { Process } from "#src/simulation/process.ts";
import { World } from "#src/simulation/world.ts";

export const SECOND_MS = 1_000;
export const HOUR_MS = 3_600_000;
const MAX_STEPS = 5_000_000;

export interface Call {
  readonly step: string;
  readonly idempotencyKey: string;
  readonly args: Json;
  readonly signal: AbortSignal;
  readonly at: number;
}

/** What a step's tool does; by default it returns "done" at once. */
type Behaviour = (call: Call, context: ToolContext) => unknown;

/** What a test puts between the runtime and its ports; a hook that throws is a port that does. */
interface Disturbance {
  beforeAppend: (batch: Batch) => void | Promise<void>;
  /** After the append is durable, before its answer is heard. */
  afterAppend: (batch: Batch) => void | Promise<void>;
  beforePut: (bytes: Uint8Array) => void | Promise<void>;
  beforeGet: (ref: string) => void | Promise<void>;
  drops: (message: ExecutorMessage | CoordinatorMessage) => boolean;
}

export class Machine {
  readonly world: World;
  readonly contents = createMemoryContents();
  readonly blobs: BlobContents = new Map();
  readonly calls: Call[] = [];
  /** Every append that was tried, also those that were refused. */
  readonly tried: Batch[] = [];
  readonly sent: { readonly message: ExecutorMessage | CoordinatorMessage; readonly at: number }[] = [];
  readonly problems: string[] = [];
  readonly disturb: Disturbance = calm();
  private readonly behaviours = new Map<string, Behaviour>();
  private process = new Process("engine");
  private skewMs = 0;

  /** Another seed is another order of what happens at one moment. */
  constructor(seed = 1) {
    this.world = new World(seed);
  }

  /** Starts a process with an engine over what is on the disk. */
  open(options: Partial<EngineOptions> = {}): Promise<Engine> {
    const process = new Process("engine");
    this.process = process;
    const clock = this.clockOf(process);
    const { events, snapshots, views } = openMemory({ clock, contents: this.contents });
    return this.answer(
      Engine.open({
        events: this.disturbedEvents(events),
        snapshots,
        views,
        blobs: this.disturbedBlobs(memoryBlobs(this.blobs, clock)),
        bus: this.watchedBus(new MemoryBus(this.log)),
        clock,
        random: this.world.random,
        log: this.log,
        ...this.workshop(),
        limits: UNLIMITED,
        slots: 4,
        actor: "os:tester",
        ...options,
      }),
    );
  }

  workshop(): Workshop {
    return {
      tools: registry([this.tool()]),
      roots: { fs: "/nowhere", allowPrivateNetwork: false },
      secrets: { resolve: () => Promise.reject(new Error("there are no secrets here")) },
    };
  }

  /** Ends the process of the engine without a word: none of its waits ever ends. */
  crash(): void {
    this.process.alive = false;
  }

  /** Lets time pass in which the process does not run: stopped by a signal, or busy in a tool that computes. */
  stall(ms: number): void {
    this.skewMs += ms;
  }

  /** Somebody sets the machine's wall clock forward, or back. */
  setForward(ms: number): void {
    this.process.wallErrorMs += ms;
  }

  /** Says what the tool of a step does. */
  on(step: string, behaviour: Behaviour): void {
    this.behaviours.set(step, behaviour);
  }

  /** The tool of this step returns when the test says so, and ignores its abort. */
  hold(step: string): { release: (output?: Json) => void } {
    const held = Promise.withResolvers<Json>();
    this.on(step, () => held.promise);
    return { release: (output = "done") => held.resolve(output) };
  }

  /** Lets time pass until the promise has settled. */
  async answer<T>(source: Promise<T>, withinMs = HOUR_MS): Promise<T> {
    try {
      return await this.world.clock.answer(source, { withinMs, maxSteps: MAX_STEPS });
    } catch (error) {
      if (Fault.is(error, "clock-stands"))
        throw new Error(`${error.message}; ${this.problems.join("; ")}`, { cause: error });
      throw error;
    }
  }

  /** Lets time pass until the condition holds; fails when it does not within the time. */
  async until(condition: () => boolean, withinMs = HOUR_MS): Promise<void> {
    if (await this.world.clock.runUntil(condition, { withinMs, maxSteps: MAX_STEPS })) return;
    throw new Error(
      `it did not come about within ${withinMs} ms: ${condition.toString()}; ${this.problems.join("; ")}`,
    );
  }

  /** Lets this much time pass. */
  pass(ms: number): Promise<void> {
    return this.world.clock.pass(ms);
  }

  /** Lets time pass until the plan has ended or only a person can bring it further. */
  settled(engine: Engine, plan: PlanId, withinMs = HOUR_MS): Promise<PlanView> {
    return this.answer(engine.settled(plan, new AbortController().signal), withinMs);
  }

  /** The durable facts of a plan. */
  facts(plan: PlanId): Fact[] {
    return eventsAt(this.contents.streams.get(planStream(plan)) ?? []).map((event) => decode(event));
  }

  factsOf<T extends FactType>(plan: PlanId, type: T): FactOf<T>["data"][] {
    return this.facts(plan).flatMap((fact) => (fact.type === type ? [fact.data as FactOf<T>["data"]] : []));
  }

  /** `StepSucceeded a` and so on: a history at a glance. */
  story(plan: PlanId): string[] {
    return this.facts(plan).map(({ type, data }) => ("step" in data ? `${type} ${data.step}` : type));
  }

  callsOf(step: string): Call[] {
    return this.calls.filter((call) => call.step === step);
  }

  /** Commands to executors of one kind, in the order in which they were sent. */
  sentOf<K extends ExecutorMessage["kind"]>(kind: K): Extract<ExecutorMessage, { kind: K }>[] {
    return this.sent.flatMap(({ message }) =>
      message.kind === kind ? [message as Extract<ExecutorMessage, { kind: K }>] : [],
    );
  }

  isEnded(plan: PlanId): boolean {
    const last = this.facts(plan).findLast((fact) => fact.type.startsWith("Plan"))?.type ?? "";
    return ["PlanSucceeded", "PlanFailed", "PlanCancelled"].includes(last);
  }

  get log(): Log {
    const note = (message: string, fields?: Readonly<Record<string, unknown>>): void => {
      const error = fields?.["error"];
      this.problems.push(error instanceof Error ? `${message}: ${error.message}` : message);
    };
    return { debug: () => undefined, info: () => undefined, warn: () => undefined, error: note };
  }

  private clockOf(process: Process): Clock {
    const clock = this.world.clockOf(process);
    return { ...clock, now: () => clock.now() + this.skewMs, monotonic: () => clock.monotonic() + this.skewMs };
  }

  private tool() {
    return defineTool({
      name: "test.tool",
      version: "1.0.0",
      description: "Does what the test says.",
      input: z.record(z.string(), z.any()),
      output: z.any(),
      sideEffects: "write",
      run: (args, context) => {
        const [, step = ""] = context.idempotencyKey.split("/");
        const { idempotencyKey, signal } = context;
        const call = { step, idempotencyKey, args, signal, at: this.world.now() };
        this.calls.push(call);
        return (this.behaviours.get(step) ?? (() => "done"))(call, context);
      },
    });
  }

  private disturbedEvents(real: EventStore): EventStore {
    return {
      append: async (batch) => {
        this.tried.push(batch);
        await this.disturb.beforeAppend(batch);
        const result = await real.append(batch);
        await this.disturb.afterAppend(batch);
        return result;
      },
      read: (stream, options) => real.read(stream, options),
      readAll: (options) => real.readAll(options),
      subscribe: (options) => real.subscribe(options),
      revision: (stream) => real.revision(stream),
      head: () => real.head(),
      [Symbol.asyncDispose]: () => real[Symbol.asyncDispose](),
    };
  }

  private disturbedBlobs(real: BlobStore): BlobStore {
    return {
      refOf: (bytes) => real.refOf(bytes),
      has: (ref) => real.has(ref),
      put: async (bytes) => {
        await this.disturb.beforePut(bytes);
        return real.put(bytes);
      },
      get: async (ref) => {
        await this.disturb.beforeGet(ref);
        return real.get(ref);
      },
      list: () => real.list(),
      remove: (ref, before) => real.remove(ref, before),
    };
  }

  /** A bus whose messages are noted in `sent`. */
  watchedBus(real: Bus): Bus {
    const passes = (message: ExecutorMessage | CoordinatorMessage): boolean => {
      this.sent.push({ message, at: this.world.elapsed });
      return !this.disturb.drops(message);
    };
    return {
      toExecutor: (executor: ExecutorId, message, isWanted) => {
        if (passes(message)) real.toExecutor(executor, message, isWanted);
      },
      toExecutors: (message) => {
        if (passes(message)) real.toExecutors(message);
      },
      toCoordinator: (coordinator, message) => {
        if (passes(message)) real.toCoordinator(coordinator, message);
      },
      toCoordinators: (message) => {
        if (passes(message)) real.toCoordinators(message);
      },
      toOwner: (message) => {
        if (passes(message)) real.toOwner(message);
      },
      live: (message) => {
        real.live(message);
      },
      onExecutor: (executor, handler) => real.onExecutor(executor, handler),
      onCoordinator: (coordinator, handler) => real.onCoordinator(coordinator, handler),
      onPartition: (partition, handler) => real.onPartition(partition, handler),
      onLive: (handler) => real.onLive(handler),
    };
  }
}

function calm(): Disturbance {
  const nothing = (): void => undefined;
  return { beforeAppend: nothing, afterAppend: nothing, beforePut: nothing, beforeGet: nothing, drops: () => false };
}

/** A tool that does nothing until it is told to stop, and then stops. */
export function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => {
      reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
    });
  });
}
