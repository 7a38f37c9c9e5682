import type { ErrorCategory } from "#events/errors.ts";
import type { Json, JsonObject } from "#events/json.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { substitutesOf, type Capabilities } from "#src/planning/fallbacks/capabilities.ts";
import { cachedAnswer, emptyAnswer, type GivenAnswer, type Past } from "#src/planning/fallbacks/given-answers.ts";
import { looser, smaller, type OtherArguments } from "#src/planning/fallbacks/other-arguments.ts";
import { placedCalls, withStepAt, type PlacedCall } from "#src/planning/fallbacks/placed-calls.ts";
import { argumentsOf } from "#src/planning/fallbacks/written-arguments.ts";

// What a plan does where a step of it fails, written into the plan before it runs: less of the same, another tool that can do it, a wider
// search, what was answered before, that there is nothing. Each is for the failures that it can help with.
//
// F1. The plan stays valid: what fits no schema is not chosen, and what `accepts` refuses is left out.
// F2. No fallback has more effects, or needs more permissions, than the step itself; after a denial there is none.
// F3. Where the answer is less than what was asked for, that is said (`isDegraded`), with why.
// F4. A step that has fallbacks already keeps them; one that nothing takes back, or that has an undo, gets none.

export interface FallbackOptions {
  /** Names of tools that must not be used; `*` at the end stands for anything. */
  readonly forbidden?: readonly string[];
  /** What calls gave before. Default: nothing is known. */
  readonly past?: Past;
  /** In ms since the epoch; what was answered before is so old. */
  readonly now: number;
  /** Whether a plan with a fallback more is one that can run. Default: it is, by the schemas. */
  readonly accepts?: (source: JsonObject) => boolean;
}

interface ChosenFallback {
  /** Where the step stands: `steps.notes.do`. */
  readonly step: string;
  /** Which of the step's fallbacks it is, from 0. */
  readonly index: number;
  readonly kind: "fewer" | "tool" | "wider" | "cached" | "empty";
  readonly on: readonly ErrorCategory[];
  /** Where it is used, the answer is less than what was asked for. */
  readonly isDegraded: boolean;
  readonly reason: string;
  /** Of a cached answer. */
  readonly before?: NonNullable<GivenAnswer["before"]>;
}

export interface WithFallbacks {
  readonly source: JsonObject;
  readonly chosen: readonly ChosenFallback[];
}

export function withFallbacks(source: JsonObject, capabilities: Capabilities, options: FallbackOptions): WithFallbacks {
  return placedCalls(source).reduce<WithFallbacks>(
    (plan, placed) => withFallbacksOf(placed, plan, { capabilities, options }),
    { source, chosen: [] },
  );
}

interface Around {
  readonly capabilities: Capabilities;
  readonly options: FallbackOptions;
}

function withFallbacksOf(placed: PlacedCall, plan: WithFallbacks, around: Around): WithFallbacks {
  const { accepts = () => true } = around.options;
  let { source } = plan;
  const fallbacks: Json[] = [];
  const chosen: ChosenFallback[] = [];
  for (const { written, ...told } of candidatesFor(placed, source, around)) {
    const more = [...fallbacks, { ...written, on: [...told.on] }];
    const next = withStepAt(source, placed.path, { ...placed.step, fallback: more });
    if (!accepts(next)) continue;
    source = next;
    chosen.push({ step: placed.path.join("."), index: fallbacks.length, ...told });
    fallbacks.push(...more.slice(-1));
  }
  return { source, chosen: [...plan.chosen, ...chosen] };
}

interface Candidate extends Pick<ChosenFallback, "kind" | "on" | "isDegraded" | "reason" | "before"> {
  readonly written: JsonObject;
}

/** Of a tool that only reads, what another one may help with. A denial is none of it, nor arguments that are wrong. */
const OF_READING = [
  ...["unavailable", "timeout", "rate-limited", "quota", "resource-exhausted", "internal", "bug"],
  ...["not-found", "unknown"],
] as const satisfies readonly ErrorCategory[];
/** Of one with effects: only what is refused before anything happens. */
const OF_EFFECTS = ["rate-limited", "quota"] as const;
const TOO_MUCH = ["timeout", "resource-exhausted"] as const;
const NOT_THERE = ["unavailable", "timeout", "rate-limited", "quota"] as const;
const NOT_FOUND = ["not-found"] as const;

const MAX_TOOLS = 2;

/** In the order in which they are tried. */
function candidatesFor(
  { step, id }: PlacedCall,
  source: JsonObject,
  { capabilities, options }: Around,
): readonly Candidate[] {
  const { tool } = step;
  const entry = typeof tool === "string" ? capabilities.entries.get(tool) : undefined;
  if (entry === undefined || isSettled(step)) return [];
  const call = { tool: entry.name, with: argumentsOf(step) };
  const { past } = options;
  const cached = past === undefined ? undefined : cachedAnswer(entry, call.with, { past, now: options.now });
  const empty = emptyAnswer(entry, id, { source, entries: capabilities.entries });
  return [
    ...sameTool(entry.name, "fewer", { on: TOO_MUCH, found: smaller(entry, call.with) }),
    ...otherTools(call, entry, { capabilities, options }),
    ...sameTool(entry.name, "wider", { on: NOT_FOUND, found: looser(entry, call.with) }),
    ...(cached === undefined ? [] : [answer("cached", NOT_THERE, cached)]),
    ...(empty === undefined ? [] : [answer("empty", NOT_FOUND, empty)]),
  ];
}

/** F4. */
function isSettled({ fallback, undo, irreversible }: JsonObject): boolean {
  return (Array.isArray(fallback) && fallback.length > 0) || undo !== undefined || irreversible === true;
}

function sameTool(
  tool: string,
  kind: "fewer" | "wider",
  { on, found }: { readonly on: readonly ErrorCategory[]; readonly found: OtherArguments | undefined },
): readonly Candidate[] {
  if (found === undefined) return [];
  return [{ kind, on, isDegraded: true, reason: found.reason, written: { tool, with: found.with } }];
}

function otherTools(
  call: { readonly tool: string; readonly with: JsonObject },
  { sideEffects }: CatalogEntry,
  { capabilities, options: { forbidden = [] } }: Around,
): readonly Candidate[] {
  const on = sideEffects === "read" ? OF_READING : OF_EFFECTS;
  return substitutesOf(call, capabilities, { forbidden })
    .slice(0, MAX_TOOLS)
    .map(({ tool, with: args, without }) => {
      const lacking = without.length === 0 ? "" : `, without ${without.join(", ")}`;
      const written = Object.keys(args).length === 0 ? { tool } : { tool, with: args };
      const reason = `${tool} can do the same from the same arguments${lacking}`;
      return { kind: "tool", on, isDegraded: without.length > 0, reason, written };
    });
}

function answer(
  kind: "cached" | "empty",
  on: readonly ErrorCategory[],
  { value, reason, before }: GivenAnswer,
): Candidate {
  const told = before === undefined ? {} : { before };
  return { kind, on, isDegraded: kind === "cached", reason, written: { value }, ...told };
}
