import { failed } from "#src/model/failures.ts";
import { estimatedTokens, promptTokens } from "#src/model/token-estimate.ts";
import { sleep, type Clock } from "#src/ports/clock.ts";
import type { AnswerForm, Model, ModelAnswer, ModelCall, ModelFailure, ModelRequest } from "#src/ports/model.ts";

// A model that says what a test tells it to: the twin of the real one.
//
// D1. A script is a list, one entry an exchange, or a function of the request. An exchange behind the end of the list fails as
//     a `bug`: a test that asks more often than it says is wrong.
// D2. It waits on the clock that it is given, and on nothing else.

/** What an exchange comes to: a text, a value as JSON, a failure, or a wait and one of these. */
export type ModelAct =
  | string
  | { readonly json: unknown }
  | { readonly fails: ModelFailure }
  | { readonly cut: string }
  | { readonly hangs: true }
  | { readonly afterMs: number; readonly then: ModelAct };

export type ModelScript =
  readonly ModelAct[] | ((request: ModelRequest, number: number) => ModelAct | Promise<ModelAct>);

export interface ScriptedModel extends Model {
  /** What it was asked, in order. */
  readonly requests: readonly ModelRequest[];
}

export interface ScriptedModelOptions {
  readonly clock: Clock;
  /** Default: schema. */
  readonly form?: AnswerForm;
  /** Default: scripted. */
  readonly name?: string;
  /** Characters of one piece of an answer. Default: 16. */
  readonly pieceChars?: number;
}

const DEFAULT_PIECE_CHARS = 16;

export function scriptedModel(script: ModelScript, options: ScriptedModelOptions): ScriptedModel {
  const { clock, form = "schema", name = "scripted", pieceChars = DEFAULT_PIECE_CHARS } = options;
  const requests: ModelRequest[] = [];
  return {
    name,
    form,
    requests,
    generate: async (request, call) => {
      call.signal.throwIfAborted();
      requests.push(request);
      const act = typeof script === "function" ? await script(request, requests.length) : script[requests.length - 1];
      const answer = await played(act ?? { fails: behindTheEnd(requests.length) }, { request, call, clock, name });
      if (answer.ok) tell(answer.text, pieceChars, call);
      return answer;
    },
  };
}

interface Played {
  readonly request: ModelRequest;
  readonly call: ModelCall;
  readonly clock: Clock;
  readonly name: string;
}

async function played(act: ModelAct, around: Played): Promise<ModelAnswer> {
  const { request, call, clock, name } = around;
  if (typeof act === "string") return answered(act, "stop", around);
  if ("json" in act) return answered(JSON.stringify(act.json), "stop", around);
  if ("cut" in act) return answered(act.cut, "length", around);
  if ("afterMs" in act) {
    await sleep(clock, act.afterMs, call.signal);
    return played(act.then, around);
  }
  if ("hangs" in act) return untilAborted(call.signal, name);
  return { ok: false, failure: act.fails, usage: usageOf(request, "") };
}

function answered(text: string, finish: "stop" | "length", { request, name }: Played): ModelAnswer {
  return { ok: true, text, usage: usageOf(request, text), model: name, finish };
}

function usageOf(request: ModelRequest, text: string) {
  return { inputTokens: promptTokens(request), outputTokens: estimatedTokens(text), isEstimated: false };
}

function untilAborted(signal: AbortSignal, name: string): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const end = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error(`${name} was stopped`));
  signal.addEventListener("abort", end, { once: true });
  return promise;
}

function behindTheEnd(number: number): ModelFailure {
  return failed("bug", "model-script-over", `the script of the model says nothing about exchange ${number}`);
}

function tell(text: string, pieceChars: number, { onText }: ModelCall): void {
  for (let from = 0; from < text.length; from += pieceChars) onText?.(text.slice(from, from + pieceChars));
}
