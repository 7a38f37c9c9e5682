import { z } from "zod";
import type { ErrorCategory } from "#events/errors.ts";
import type { Json, JsonObject } from "#events/json.ts";
import { sleep } from "#src/ports/clock.ts";
import {
  defineTool,
  ToolFailure,
  type Tool,
  type ToolContext,
  type ToolDefinition,
  type ToolFailureOptions,
} from "#src/tools/define.ts";

// Tools that do what a test says, call by call: the engine runs them as it runs any tool.
//
// D1. A script is a list, one entry a call, or a function of the call. A call behind the end of the list fails as a `bug`: a
//     test that calls more often than it says is wrong.
// D2. They wait on the engine's clock and on nothing else, so that virtual time can pass.

/** A call that the engine made. */
export interface ScriptedCall<I = JsonObject> {
  readonly args: I;
  /** Path of the step, e.g. `notes/3/do`; with its generation and fallback, where it has one: `pay/fallback-0`. */
  readonly step: string;
  readonly idempotencyKey: string;
  /** When it was made, in ms since the epoch. */
  readonly at: number;
  /** Aborted when the engine wants the call to stop. */
  readonly signal: AbortSignal;
  /** Calls of this tool before it. */
  readonly number: number;
}

/** What a call comes to: an output, or one of `fails`, `takes`, `hangs`, `ignoresAbort`. */
export type Act<O> = O | Behaviour<O>;

/** One act a call, or a function that gives each call its own. */
export type Script<O, I = JsonObject> = readonly Act<O>[] | ((call: ScriptedCall<I>) => Act<O> | Promise<Act<O>>);

export interface ScriptedTool<I = JsonObject, O = Json> extends Tool<I, O> {
  /** The calls so far, in their order. */
  readonly calls: readonly ScriptedCall<I>[];
}

export interface ScriptedToolOptions {
  /** Default: 1.0.0. */
  readonly version?: string;
  /** Default: write. */
  readonly sideEffects?: "read" | "write" | "irreversible";
  readonly idempotent?: boolean;
  readonly timeoutMs?: number;
}

class Behaviour<O> {
  readonly run: (context: ToolContext) => Promise<Act<O>>;

  constructor(run: (context: ToolContext) => Promise<Act<O>>) {
    this.run = run;
  }
}

/** The call fails. `category` says how, and so whether it is tried again. */
export function fails(category: ErrorCategory, message: string, options: ToolFailureOptions = {}): Behaviour<never> {
  return new Behaviour(() => Promise.reject(new ToolFailure(category, message, options)));
}

/** The call takes so many milliseconds, and then comes to this. It stops when it is told to. */
export function takes<O>(durationMs: number, act: Act<O>): Behaviour<O> {
  return new Behaviour(async ({ clock, signal }) => {
    await sleep(clock, durationMs, signal);
    return act;
  });
}

/** The call never answers; it stops when it is told to. */
export function hangs(): Behaviour<never> {
  return new Behaviour(({ signal }) => {
    return new Promise((_, reject) => {
      const stop = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
    });
  });
}

/** The call takes so many milliseconds whatever it is told, and then comes to this: a late answer. */
export function ignoresAbort<O>(durationMs: number, act: Act<O>): Behaviour<O> {
  return new Behaviour(async ({ clock }) => {
    await sleep(clock, durationMs, new AbortController().signal);
    return act;
  });
}

/** A tool of this name that takes any arguments and gives what the script says. */
export function scriptedTool(name: string, script: Script<Json>, options: ScriptedToolOptions = {}): ScriptedTool {
  return scripted(
    {
      name,
      version: "1.0.0",
      description: "Does what a test says.",
      input: anyObject,
      output: anything,
      sideEffects: "write",
      ...options,
    },
    script,
  );
}

/** A tool with the name, version and schemas of another one, and the script in the place of its work. */
export function scriptedLike<I, O>(tool: Tool<I, O>, script: Script<O, I>): ScriptedTool<I, O> {
  return scripted(tool, script);
}

const anyObject: z.ZodType<JsonObject> = z.record(z.string(), z.any());
const anything: z.ZodType<Json> = z.any();

function scripted<I, O>(definition: Omit<ToolDefinition<I, O>, "run">, script: Script<O, I>): ScriptedTool<I, O> {
  const calls: ScriptedCall<I>[] = [];
  const run = async (args: I, context: ToolContext): Promise<NoInfer<O>> => {
    const { idempotencyKey, clock, signal } = context;
    const step = idempotencyKey.slice(idempotencyKey.indexOf("/") + 1);
    const call = { args, step, idempotencyKey, at: clock.now(), signal, number: calls.length };
    calls.push(call);
    let act = typeof script === "function" ? await script(call) : actOf(definition.name, script, call.number);
    while (act instanceof Behaviour) act = await act.run(context);
    return act;
  };
  return Object.freeze({ ...defineTool({ ...definition, run }), calls });
}

/** Whether the tool waits on the engine's clock alone. */
export function isScripted(tool: Tool): tool is ScriptedTool<unknown, unknown> {
  return "calls" in tool;
}

function actOf<O>(name: string, script: readonly Act<O>[], number: number): Act<O> {
  for (const act of script.slice(number, number + 1)) return act;
  const message = `the script of ${name} has ${script.length} calls, this is number ${number + 1}`;
  return fails("bug", message, { code: "script-exhausted" });
}
