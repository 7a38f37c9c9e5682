import { isJsonList, isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { action, type Action } from "#src/implementation/changes/action.ts";
import type { Gap } from "#src/implementation/gaps/gap.ts";
import type { Remedy } from "#src/implementation/requirements/requirement.ts";
import { problemsIn } from "./misfit.ts";
import type { Proposal } from "./proposal.ts";
import { remedyBody } from "./remedy-body.ts";
import { NO_TEMPLATES } from "./template-remedy.ts";

// What a language model writes when it proposes a change: the actions of the file of requirements in the words that all providers with
// structured output take, and what is wrong with an answer, in words that the model can mend.
//
// A1. An answer is data. It is held against the same schema and the same rules as actions that a person wrote.
// A2. A model is offered fewer actions than people are: no commits, and no patches, which it would count wrong.

export const MAX_PROPOSED_ACTIONS = 40;
const MAX_PROPOSED_CHARS = 256 * 1024;
const MAX_TITLE_CHARS = 300;
const MAX_REASON_CHARS = 1_000;

const TEXT: JsonSchema = { type: "string" };
const COMMAND: JsonSchema = {
  type: "array",
  items: TEXT,
  description: "a program and its arguments; there is no shell",
};

const ACTIONS: readonly JsonSchema[] = [
  doing("write", { path: TEXT, text: TEXT }),
  doing("edit", {
    path: TEXT,
    find: { ...TEXT, description: "exactly as it stands there, once" },
    replace: TEXT,
  }),
  doing("move", { from: TEXT, to: TEXT }),
  doing("delete", { path: TEXT }),
  doing("run", { run: COMMAND }),
  doing("format", { run: COMMAND }),
  doing("test", { run: COMMAND }),
];

export const PROPOSAL_SCHEMA: JsonSchema = closed({
  refusal: {
    anyOf: [{ ...TEXT, description: "why nothing can be proposed; null where there are actions" }, { type: "null" }],
  },
  title: { ...TEXT, description: "what the change does, in one line" },
  actions: { type: "array", items: { anyOf: ACTIONS } },
});

export type ReadProposal =
  { readonly ok: true; readonly proposal: Proposal } | { readonly ok: false; readonly problems: readonly string[] };

export function readProposal(
  value: Json,
  { gap, remedy, model }: { readonly gap: Gap; readonly remedy: Remedy; readonly model: string },
): ReadProposal {
  if (!isJsonObject(value)) return wrong("the answer is an object with refusal, title and actions");
  const refusal = textIn(value, "refusal").trim();
  const written = ownIn(value, "actions") ?? [];
  if (!isJsonList(written)) return wrong("actions: a list is wanted");
  if (written.length === 0) return refused(refusal);
  if (refusal !== "") return wrong("there are actions and a refusal: leave out one of them");
  const actions = readActions(written);
  if (!Array.isArray(actions)) return actions;
  const title = textIn(value, "title").trim().slice(0, MAX_TITLE_CHARS);
  const proposal: Proposal = { model, actions, ...(title === "" ? {} : { title }) };
  // A1.
  const fit = remedyBody(gap, remedy, { find: NO_TEMPLATES, proposal: () => proposal });
  return fit.ok ? { ok: true, proposal } : wrong(`${fit.reason} (${fit.code})`);
}

function refused(refusal: string): ReadProposal {
  if (refusal === "") return wrong("there are no actions: write them, or say in refusal why there are none");
  const reason = `the model proposes nothing: ${refusal.slice(0, MAX_REASON_CHARS)}`;
  return { ok: true, proposal: { code: "remedy-refused-by-model", reason } };
}

function readActions(written: readonly Json[]): Action[] | (ReadProposal & { readonly ok: false }) {
  if (written.length > MAX_PROPOSED_ACTIONS) {
    return wrong(`actions: there are ${written.length}, and at most ${MAX_PROPOSED_ACTIONS} may be`);
  }
  const chars = JSON.stringify(written).length;
  if (chars > MAX_PROPOSED_CHARS)
    return wrong(`actions: they have ${chars} characters, and at most ${MAX_PROPOSED_CHARS} may be`);
  const problems: string[] = [];
  const actions = written.flatMap((one, at): readonly Action[] => {
    const named = isJsonObject(one)
      ? Object.fromEntries(Object.entries(one).filter(([, inner]) => inner !== null))
      : one;
    const read = action.safeParse(named);
    if (read.success && OFFERED.has(read.data.do)) return [read.data];
    problems.push(`actions[${at}]: ${read.success ? `${read.data.do} is not offered` : problemsIn(read.error)}`);
    return [];
  });
  return problems.length > 0 ? { ok: false, problems } : actions;
}

const OFFERED: ReadonlySet<string> = new Set(["write", "edit", "move", "delete", "run", "format", "test"]);

function wrong(problem: string): ReadProposal & { readonly ok: false } {
  return { ok: false, problems: [problem] };
}

function doing(name: string, properties: JsonSchema): JsonSchema {
  return closed({ do: { type: "string", enum: [name] }, ...properties });
}

/** An object with these properties, all of them, and no others. */
function closed(properties: JsonSchema): JsonSchema {
  return { type: "object", properties, required: Object.keys(properties), additionalProperties: false };
}

function ownIn(value: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

function textIn(value: JsonObject, name: string): string {
  const own = ownIn(value, name);
  return typeof own === "string" ? own : "";
}
