import { isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import { REQUEST_PLAN } from "#projections/requests-view.ts";
import type { Command } from "#events/commands.ts";
import type { AnswerStarted, Started } from "#src/api/started.ts";
import type { Submission } from "#src/api/submission.ts";
import type { PlanReader } from "#src/api/plan-reader.ts";
import type { Caller } from "#src/api/caller.ts";
import { ANSWER_SIGNAL, requestInputs, REQUEST_SOURCE, type Request } from "#src/planning/request/request-plan.ts";
import type { AnsweredRequest } from "#src/projecting/request-list.ts";

// A request in words: a plan that answers it, with what was asked before in its session among its inputs; or something that is said to the
// last plan of the session, and no plan of its own.

export interface Asking extends Pick<Request, "request" | "context" | "session" | "without"> {
  readonly key?: string | undefined;
}

/** What takes plans in. */
interface AnswerHost {
  readonly plans: Pick<PlanReader, "requests">;
  /** What the plan of this key was started with; undefined where there is none. */
  inputsOf(key: string): Promise<Json | undefined>;
  submit(submission: Submission & { readonly key?: string | undefined }, caller: Caller): Promise<Started>;
  ask(plan: string, command: Command, caller: Caller): Promise<Pick<Started, "plan">>;
}

/** Of a session, the last ones. */
const MAX_EARLIER = 20;
/** Of what these gave, as UTF-16 units of its JSON; of the older ones it is left out. */
const MAX_EARLIER_CHARS = 131_072;

/**
 * What is said to the last plan of the session, "cancel that" or what it had asked, is told to it, unless a key says that this is a plan
 * of its own: said again with its key it must not be said to another one. Faults: those of `submit`, and of what is told.
 */
export async function answerRequest(
  app: AnswerHost,
  { key, ...asked }: Asking,
  caller: Caller,
): Promise<AnswerStarted> {
  const begun = key === undefined ? undefined : await app.inputsOf(key);
  const before = begun === undefined ? await earlierOf(app, asked.session) : earlierIn(begun);
  const told = key === undefined && before !== undefined ? await tell(app, { ...asked, before }, caller) : undefined;
  if (told !== undefined) return told;
  const inputs = requestInputs({ ...asked, earlier: before });
  return app.submit({ source: REQUEST_SOURCE, file: REQUEST_PLAN, inputs, key }, caller);
}

async function earlierOf(app: AnswerHost, session: string | undefined): Promise<readonly JsonObject[] | undefined> {
  if (session === undefined) return undefined;
  return withinChars(await app.plans.requests({ session, limit: MAX_EARLIER })).toReversed();
}

function earlierIn(inputs: Json): readonly JsonObject[] | undefined {
  const earlier = isJsonObject(inputs) ? inputs["earlier"] : undefined;
  return Array.isArray(earlier) ? earlier.filter(isJsonObject) : undefined;
}

/** The newest first. */
function withinChars(rows: readonly AnsweredRequest[]): readonly JsonObject[] {
  let left = MAX_EARLIER_CHARS;
  return rows.map(({ outputs, response, ...row }) => {
    const given = { ...(outputs === undefined ? {} : { outputs }), ...(response === undefined ? {} : { response }) };
    left -= JSON.stringify(given).length;
    return left < 0 ? { ...row } : { ...row, ...given };
  });
}

interface Said {
  readonly request: string;
  /** Requests of before in the session, the last one last. */
  readonly before: readonly JsonObject[];
}

/** Undefined where the request is one of its own. */
async function tell(app: AnswerHost, { request, before }: Said, caller: Caller): Promise<AnswerStarted | undefined> {
  const { addressed } = await import("#src/planning/conversation/addressed.ts");
  const { sessionOf } = await import("#src/planning/request/past-plans.ts");
  const about = addressed(request, sessionOf(before));
  if (about === undefined) return undefined;
  if (about.kind === "cancel") {
    const { plan } = await app.ask(about.plan, { type: "CancelPlan", note: request }, caller);
    return { plan, attached: true, warnings: [], told: "cancelled" };
  }
  const { actor: by } = caller;
  const signal = { type: "SendSignal", name: ANSWER_SIGNAL, payload: inline(about.value), by } as const;
  const { plan } = await app.ask(about.plan, signal, caller);
  return { plan, attached: true, warnings: [], told: "answered" };
}
