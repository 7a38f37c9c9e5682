import type { Json } from "#events/json.ts";
import { violationsOf } from "#machines/expressions/json-schema-check.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { jsonOfAnswer } from "#src/model/answer-json.ts";
import { exchange, type ExchangeAround } from "#src/model/exchange.ts";
import { failed } from "#src/model/failures.ts";
import { askedAgain, promptFor } from "#src/model/prompt.ts";
import { keptRecord, type ModelRecord, type ModelRecorder } from "#src/model/recording.ts";
import { promptTokens } from "#src/model/token-estimate.ts";
import { sleep } from "#src/ports/clock.ts";
import type { AnswerForm, ModelAnswer, ModelFailure, ModelMessage } from "#src/ports/model.ts";

// Asks a model until its answer can be used, or says why there is none.
//
// Q1. A value that comes out has passed the schema and the asker's own check. It is data: nothing in it is evaluated here.
// Q2. An answer that cannot be used is given back to the model with what is wrong with it. Only the last one is, so that the
//     prompt does not grow.
// Q3. Every exchange takes from the budget, which ends it all: tries, tokens, and time, waits included.
// Q4. Where the other side asks to be left alone, it is; where that would be longer than there is time, its failure is the end.
// Q5. A server that does not take a form of answers is asked with the next plainer one: schema, JSON, text.

export interface Question {
  /** Those of the system first. */
  readonly messages: readonly ModelMessage[];
  /** With it the answer is a value of this schema. Words of JSON Schema that are not checked here check nothing. */
  readonly schema?: JsonSchema;
  /** What the answer is held against here, where the asker's own check mends what the schema does not allow. Default: the schema. */
  readonly accepts?: JsonSchema;
  /** What else is wrong with the value, for the model to mend; empty when nothing is. */
  readonly check?: (value: Json) => readonly string[];
  readonly maxOutputTokens: number;
  readonly temperature?: number;
}

export interface Asking extends ExchangeAround {
  readonly recorder?: ModelRecorder;
  /** Values to keep out of what is recorded. */
  readonly secrets?: Iterable<string>;
  /** Whether it waits and asks again after an outage or a limit. Default: yes; without, whoever asks does. */
  readonly isPatient?: boolean;
}

export type Reply =
  | {
      readonly ok: true;
      readonly text: string;
      /** Of the schema; null where none was asked for. */
      readonly value: Json;
      readonly model: string;
      /** The text was cut at `maxOutputTokens`. Never so where a schema was asked for. */
      readonly isCut: boolean;
    }
  | { readonly ok: false; readonly failure: ModelFailure };

/** Waits between tries where the other side does not say how long. */
const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 30_000;

/** Categories of failures that pass by themselves. */
const PASSING = new Set<ModelFailure["category"]>(["rate-limited", "unavailable", "timeout"]);

/** Rejects with the signal's reason, and with the faults of the model. */
export async function askModel(question: Question, asking: Asking): Promise<Reply> {
  const { budget, model } = asking;
  let state: State = { form: model.form, messages: [], failure: undefined, outages: 0 };
  for (;;) {
    const request = requestOf(question, state);
    const grant = budget.grant(promptTokens(request), question.maxOutputTokens);
    // What went wrong says more than that nothing may be tried any more.
    if (!grant.ok) return { ok: false, failure: endOf(state.failure, grant.failure) };
    const number = budget.spent.tries;
    const began = asking.clock.monotonic();
    const answer = await exchange({ ...request, maxOutputTokens: grant.maxOutputTokens }, number, asking);
    budget.take(answer.usage);
    const read = readAnswer(question, answer);
    const { prompt, form } = { prompt: request.messages, form: state.form };
    note(asking, {
      model: model.name,
      prompt,
      form,
      number,
      ms: asking.clock.monotonic() - began,
      ...said(answer, read),
    });
    if (read.ok) return read.reply;
    const next = await nextState(state, read, { question, asking });
    if (next === undefined) return { ok: false, failure: read.failure };
    state = next;
  }
}

interface State {
  readonly form: AnswerForm;
  /** The last answer and what was wrong with it. */
  readonly messages: readonly ModelMessage[];
  readonly failure: ModelFailure | undefined;
  /** In a row. */
  readonly outages: number;
}

type Read =
  | { readonly ok: true; readonly reply: Reply }
  | {
      readonly ok: false;
      readonly failure: ModelFailure;
      /** Where there is an answer that cannot be used. */
      readonly broken?: { readonly text: string; readonly problems: readonly string[] };
    };

function requestOf({ messages, schema, temperature }: Question, { form, messages: repair }: State) {
  return {
    messages: [...promptFor(messages, schema, form), ...repair],
    ...(schema === undefined || form === "text" ? {} : { form: formOf(schema, form) }),
    ...(temperature === undefined ? {} : { temperature }),
  };
}

function formOf(schema: JsonSchema, form: "schema" | "json") {
  return { kind: "json", ...(form === "schema" ? { schema } : {}) } as const;
}

function readAnswer(question: Question, answer: ModelAnswer): Read {
  if (!answer.ok) return answer;
  const { text, model, finish } = answer;
  const isCut = finish === "length";
  if (question.schema === undefined) return { ok: true, reply: { ok: true, text, value: null, model, isCut } };
  if (isCut) return broken(text, ["the answer was cut because it is too long: be shorter"]);
  const read = jsonOfAnswer(text);
  if (!read.ok) return broken(text, [read.problem]);
  const { value } = read;
  const problems = problemsOf(value, question);
  return problems.length === 0 ? { ok: true, reply: { ok: true, text, value, model, isCut } } : broken(text, problems);
}

function problemsOf(value: Json, { schema = {}, accepts = schema, check }: Question): readonly string[] {
  const problems = violationsOf(accepts, value).map(({ path, message }) => `${placeOf(path)}: ${message}`);
  return problems.length === 0 ? (check?.(value) ?? []) : problems;
}

const MAX_PROBLEMS = 20;

function broken(text: string, all: readonly string[]): Read {
  const problems = all.slice(0, MAX_PROBLEMS);
  const message = `the model's answer cannot be used: ${problems.join("; ")}`;
  return { ok: false, failure: failed("validation", "model-answer-broken", message), broken: { text, problems } };
}

function placeOf(path: readonly (string | number)[]): string {
  return `$${path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("")}`;
}

/** Undefined where asking again is no use. */
async function nextState(
  state: State,
  { failure, broken: answer }: Extract<Read, { ok: false }>,
  { question, asking }: { readonly question: Question; readonly asking: Asking },
): Promise<State | undefined> {
  if (answer !== undefined) return { ...state, failure, messages: askedAgain(answer), outages: 0 };
  if (failure.code === "model-request-refused" && question.schema !== undefined && state.form !== "text") {
    return { ...state, failure, form: state.form === "schema" ? "json" : "text" };
  }
  if (!PASSING.has(failure.category) || asking.isPatient === false) return undefined;
  const waitMs = failure.retryAfterMs ?? Math.min(FIRST_WAIT_MS * 2 ** state.outages, MAX_WAIT_MS);
  if (waitMs >= asking.budget.remainingMs) return undefined;
  await sleep(asking.clock, waitMs, asking.signal);
  return { ...state, failure, outages: state.outages + 1 };
}

function endOf(before: ModelFailure | undefined, spent: ModelFailure): ModelFailure {
  if (before === undefined) return spent;
  return { ...before, message: `${before.message}; ${spent.message}` };
}

function said(answer: ModelAnswer, read: Read): Pick<ModelRecord, "answer" | "failure" | "problems" | "usage"> {
  const problems = read.ok ? undefined : read.broken?.problems;
  return {
    usage: answer.usage,
    ...(answer.ok ? { answer: answer.text } : { failure: answer.failure }),
    ...(problems === undefined ? {} : { problems }),
  };
}

function note({ recorder, secrets }: Asking, exchanged: ModelRecord): void {
  recorder?.record(keptRecord(exchanged, secrets));
}
