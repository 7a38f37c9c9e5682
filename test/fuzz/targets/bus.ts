import { z } from "zod";
import { decode } from "#events/catalog.ts";
import { planDefinition } from "#events/definition.ts";
import { Fault } from "#events/fault.ts";
import type { CoordinatorId, ExecutorId, PlanId } from "#events/ids.ts";
import type { Json } from "#events/json.ts";
import { emptyState } from "#machines/state.ts";
import { MemoryBus } from "#src/bus/memory.ts";
import { decodeForCoordinator, decodeForExecutor, encodeMessage } from "#src/bus/wire.ts";
import type { Bus, CoordinatorMessage } from "#src/ports/bus.ts";
import { planStream } from "#events/streams.ts";
import { eventsAt } from "#src/store/memory/contents.ts";
import type { SeededRandom } from "#src/testing/seeded-random.ts";
import { Machine, untilAborted } from "../../runtime/kit.ts";
import { replay } from "../../machines/driver.ts";
import { mutated } from "../mutation/structure.ts";
import { mutatedText } from "../mutation/text.ts";
import { TEXTS } from "../mutation/hostile-values.ts";
import { Violation, type Target } from "../target.ts";

// The bus: bytes that anybody may have sent, among those of a plan that runs. Messages that were really sent are changed and
// handed over again, to the executor and to the coordinator, while attempts are under way.
//
// B1. What is no message is refused where it is decoded. What is one never throws in a handler, never fails a turn, and never
//     becomes a fact that cannot be read and folded again.

const input = z.object({
  sent: z
    .array(
      z.object({ to: z.enum(["executor", "coordinator"]), text: z.string(), afterMs: z.number().min(0).max(20_000) }),
    )
    .max(50),
});
type Sent = z.infer<typeof input>["sent"][number];

const STEP = { needs: [], join: "all", fallback: [], kind: "tool" };
const CALL = { tool: "test.tool", version: "1.0.0", with: { a: 1 }, idempotent: true, timeoutMs: 4_000 };
const RETRY = { attempts: 3, delayMs: 500, backoff: "fixed", jitter: "none", maxDelayMs: 500 };
const DEFINITION = planDefinition.parse({
  name: "fuzzed",
  steps: [
    {
      ...STEP,
      id: "held",
      call: CALL,
      retry: RETRY,
      undo: { call: { ...CALL, with: { of: "${output}" } }, retry: RETRY },
    },
    { ...STEP, id: "once", call: { ...CALL, idempotent: false }, retry: { ...RETRY, attempts: 1 } },
    { ...STEP, id: "quick", call: CALL, retry: RETRY },
    {
      ...STEP,
      id: "after",
      needs: ["held", "quick"],
      call: { ...CALL, with: { of: "${steps.held.output}" } },
      retry: RETRY,
    },
  ],
});

const PIECES = [
  ...TEXTS.filter((text) => text.length < 80),
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  '"',
  "1e400",
  "-0",
  "\\u0000",
  "\\ud800",
];
const WORDS = [
  "kind",
  "key",
  "plan",
  "step",
  "attempt",
  "epoch",
  "edition",
  "outcome",
  "output",
  "error",
  "code",
  "message",
  "category",
  "details",
  "slots",
  "back",
  "keeps",
  "from",
  "slot",
  "since",
  "heard",
  "executor",
  "durationMs",
  "retryAfterMs",
  "isSilent",
];

/** How bytes become messages. */
export interface Decoders {
  readonly forExecutor: typeof decodeForExecutor;
  readonly forCoordinator: typeof decodeForCoordinator;
}

export function openBus(): Promise<Target> {
  return openBusWith({ forExecutor: decodeForExecutor, forCoordinator: decodeForCoordinator });
}

export async function openBusWith(decoders: Decoders): Promise<Target> {
  const corpus = await recorded();
  const draw = (random: SeededRandom): Json => {
    const sent = Array.from({ length: random.int(1, 6) }, (): Sent => {
      const { to, message } = random.pick(corpus);
      let value: Json = message;
      for (let change = random.chance(0.2) ? 0 : random.int(1, 3); change > 0; change--)
        value = mutated(value, random, WORDS);
      let text = JSON.stringify(value);
      if (random.chance(0.2)) text = mutatedText(text, random, PIECES);
      const swapped = to === "executor" ? "coordinator" : "executor";
      return { to: random.chance(0.05) ? swapped : to, text, afterMs: random.pick([0, 1, 500, 4_000, 6_000]) };
    });
    return { sent };
  };
  return { draw, run: (given) => run(given, decoders), [Symbol.asyncDispose]: async () => undefined };
}

const TO_COORDINATORS: ReadonlySet<string> = new Set(["offer", "report", "alive", "gone"]);

interface Recorded {
  readonly to: Sent["to"];
  readonly message: Json;
}

/** What goes over the bus while the plan runs, and more that might have. Ids come from a seed: they are the same in every run. */
async function recorded(): Promise<readonly Recorded[]> {
  const machine = new Machine();
  const { plan, engine } = await begun(machine);
  await machine.pass(12_000);
  const seen = machine.sent.map(({ message }) => {
    const to = TO_COORDINATORS.has(message.kind) ? "coordinator" : "executor";
    return { to, message: JSON.parse(Buffer.from(encodeMessage(message)).toString()) as Json } as const;
  });
  const report = seen.find(({ message }) => JSON.stringify(message).startsWith('{"kind":"report"'))?.message ?? {};
  const outcomes: Json[] = [
    { kind: "failed", error: { category: "unavailable", code: "down", message: "nobody answers", retryAfterMs: 5 } },
    { kind: "failed", error: { category: "bug", code: "odd", message: "x", details: { a: [1] } }, isSilent: true },
    { kind: "succeeded", output: { a: [1, 2], b: "text" } },
    { kind: "timed-out" },
    { kind: "cancelled" },
  ];
  const steps = ["held", "once", "quick", "after", "undo:held"];
  const made = outcomes.flatMap((outcome) =>
    steps.map((step): Recorded => {
      const key = { plan, step, attempt: 1, epoch: 2, edition: 1 };
      return { to: "coordinator", message: { ...(report as object), key, outcome } };
    }),
  );
  await machine.answer(engine[Symbol.asyncDispose]());
  return [...seen.slice(0, 40), ...made];
}

async function begun(
  machine: Machine,
): Promise<{ readonly plan: PlanId; readonly engine: Awaited<ReturnType<Machine["open"]>>; readonly bus: Bus }> {
  const bus = new MemoryBus(machine.log);
  machine.on("held", ({ signal }) => untilAborted(signal));
  machine.on("once", ({ signal }) => untilAborted(signal));
  const engine = await machine.open({ bus: machine.watchedBus(bus) });
  const plan = await machine.answer(engine.start(DEFINITION, {}));
  return { plan, engine, bus };
}

async function run(given: Json, decoders: Decoders): Promise<string> {
  const shaped = input.safeParse(given);
  if (!shaped.success) return "no case";
  const machine = new Machine();
  const { plan, engine, bus } = await begun(machine);
  const ends = { bus, ...partiesOf(machine) };
  let taken = 0;
  for (const { to, text, afterMs } of shaped.data.sent) {
    await machine.pass(afterMs);
    if (deliver({ to, text }, decoders, ends)) taken++;
    await machine.pass(1);
  }
  await machine.pass(SETTLE_MS);
  assertSound(machine, plan, engine.quarantined().length);
  await machine.answer(engine[Symbol.asyncDispose]());
  return taken === 0 ? "all refused" : `${taken} of ${shaped.data.sent.length} taken`;
}

/** By then every attempt has timed out, and everything was tried again. */
const SETTLE_MS = 30_000;

function partiesOf({ sent }: Machine): Omit<Ends, "bus"> {
  const offer = sent.find(({ message }) => message.kind === "offer")?.message;
  const hello = sent.find(({ message }) => message.kind === "hello")?.message;
  if (offer?.kind !== "offer" || hello?.kind !== "hello") throw new Error("no executor has offered anything");
  return { executor: offer.executor, coordinator: hello.from };
}

interface Ends {
  readonly bus: Bus;
  readonly executor: ExecutorId;
  readonly coordinator: CoordinatorId;
}

function deliver(
  { to, text }: Pick<Sent, "to" | "text">,
  decoders: Decoders,
  { bus, executor, coordinator }: Ends,
): boolean {
  const bytes = Buffer.from(text);
  try {
    if (to === "executor") bus.toExecutor(executor, decoders.forExecutor(bytes));
    else toCoordinator(decoders.forCoordinator(bytes), { bus, coordinator });
    return true;
  } catch (error) {
    if (Fault.is(error, "malformed-message")) return false;
    throw error;
  }
}

function toCoordinator(message: CoordinatorMessage, { bus, coordinator }: Omit<Ends, "executor">): void {
  if (message.kind === "offer") bus.toCoordinator(coordinator, message);
  else if (message.kind === "report") bus.toOwner(message);
  else bus.toCoordinators(message);
}

function assertSound(machine: Machine, plan: PlanId, quarantined: number): void {
  if (machine.problems.length > 0) throw new Violation(`the log says: ${machine.problems.join("; ")}`);
  if (quarantined > 0) throw new Violation("the plan is quarantined");
  for (const [stream, appends] of machine.contents.streams) {
    const events = eventsAt(appends);
    for (const event of events) decode(event);
    if (stream === planStream(plan)) replay(events, emptyState(plan));
  }
}
