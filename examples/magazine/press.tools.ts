import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { defineTool, secret, ToolFailure, type ToolContext } from "planwright";
import { inside } from "./desk.tools.ts";

// The tools of the printers. What a press knows stands in a file of the desk, so that a run can be looked at afterwards.
//
// P1. A job is a name: the press that is asked for one says whether it has it.

const ANSWER_MS: Readonly<Record<string, number>> = { north: 100, south: 60_000 };
const CENTS_A_COPY: Readonly<Record<string, number>> = { north: 95, south: 80 };
const COPIES_IN_STOCK = 640;

const job = z.object({ job: z.string(), printer: z.string(), copies: z.int(), paper: z.string() });
type Job = z.infer<typeof job>;

const printers = z.enum(["north", "south"]);

export const quote = defineTool({
  name: "press.quote",
  version: "1.0.0",
  description: "Asks a printer for its price. North answers at once, south takes a minute.",
  input: z.strictObject({ printer: printers, copies: z.int() }),
  output: z.object({ printer: printers, cents: z.int() }),
  sideEffects: "read",
  async run({ printer, copies }, context) {
    await passing(ANSWER_MS[printer] ?? 0, context);
    return { printer, cents: copies * (CENTS_A_COPY[printer] ?? 0) };
  },
});

export const print = defineTool({
  name: "press.print",
  version: "1.0.0",
  description: "Gives a job to a printer. The first job of a day finds the press cold.",
  input: z.strictObject({ ...job.shape, printer: printers, desk: z.string(), account: secret() }),
  output: job,
  sideEffects: "write",
  async run({ desk, account, ...order }, context) {
    if ((await context.secret(account)).length < 4) throw new ToolFailure("authentication", "no such account");
    if (order.copies > COPIES_IN_STOCK) {
      throw new ToolFailure("quota", `there is paper for ${COPIES_IN_STOCK} copies`, { code: "no-paper" });
    }
    const { isWarm, jobs } = await pressOf(desk, context);
    await keep(desk, { isWarm: true, jobs: isWarm ? [...jobs, order] : jobs }, context);
    if (!isWarm) throw new ToolFailure("unavailable", "the press was cold and warms up now", { code: "press-cold" });
    return order;
  },
});

export const jobs = defineTool({
  name: "press.jobs",
  version: "1.0.0",
  description: "Lists the jobs of this name that the press has.",
  input: z.strictObject({ desk: z.string(), job: z.string() }),
  output: z.array(job),
  sideEffects: "read",
  run: async ({ desk, job: name }, context) =>
    (await pressOf(desk, context)).jobs.filter((known) => known.job === name),
});

export const cancel = defineTool({
  name: "press.cancel",
  version: "1.0.0",
  description: "Takes a job from the press; one that is not there is fine.",
  input: z.strictObject({ desk: z.string(), job: z.string() }),
  output: z.object({ left: z.int() }),
  sideEffects: "write",
  idempotent: true,
  async run({ desk, job: name }, context) {
    const press = await pressOf(desk, context);
    const left = press.jobs.filter((known) => known.job !== name);
    await keep(desk, { ...press, jobs: left }, context);
    return { left: left.length };
  },
});

export const announce = defineTool({
  name: "press.announce",
  version: "1.0.0",
  description: "Tells the readers. What was said is said.",
  input: z.strictObject({ desk: z.string(), to: z.string(), text: z.string() }),
  output: z.object({ to: z.string() }),
  sideEffects: "irreversible",
  async run({ desk, to, text }, context) {
    await appendFile(inside(context, path.join(desk, "announced.txt")), `${to}: ${text}\n`);
    return { to };
  },
});

const press = z.object({ isWarm: z.boolean(), jobs: z.array(job) });

async function pressOf(desk: string, context: ToolContext): Promise<{ isWarm: boolean; jobs: Job[] }> {
  const file = inside(context, path.join(desk, "press.json"));
  const text = await readFile(file, "utf8").catch(() => undefined);
  return text === undefined ? { isWarm: false, jobs: [] } : press.parse(JSON.parse(text));
}

async function keep(desk: string, known: z.input<typeof press>, context: ToolContext): Promise<void> {
  const file = inside(context, path.join(desk, "press.json"));
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(known, null, 2)}\n`);
}

/** Resolves after so long; rejects as soon as nobody wants the answer any more. */
function passing(ms: number, { clock, signal }: ToolContext): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const timer = clock.after(ms, () => resolve(undefined));
  const stop = (): void => reject(new Error("called off"));
  signal.addEventListener("abort", stop, { once: true });
  return promise.finally(() => {
    timer[Symbol.dispose]();
    signal.removeEventListener("abort", stop);
  });
}
