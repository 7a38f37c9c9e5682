import type { JsonObject } from "#events/json.ts";
import { assignable } from "#machines/expressions/assignable.ts";
import { typeOfSchema } from "#machines/expressions/json-schema.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { boundAnew, fitsTool, type BoundAnew } from "#src/planning/fallbacks/bound-anew.ts";
import {
  describedCatalog,
  type CatalogIndex,
  type IndexedTool,
  type Terms,
} from "#src/planning/prediction/described-catalog.ts";
import { termsOf } from "#src/planning/prediction/terms.ts";
import { isAmong, type Granted } from "#src/planning/validation/grounds.ts";
import { looseEnds } from "#src/planning/validation/loose-ends.ts";

// Which tools can do what another one does: the same action about the same subject, from the same arguments, with an output that fits.
//
// S1. Never one that is forbidden, whose effects are of another class, or that asks for a permission which the first does not ask for.
// S2. A tool that only reads is held to be the same by what it says of itself. One that has effects has to name the same ones: that
//     "turn on" and "turn off" are alike is no reason to try the one for the other.
// S3. Nothing in place of what nobody can take back: a person decides there.

export interface Capabilities {
  readonly entries: ReadonlyMap<string, CatalogEntry>;
  readonly described: ReadonlyMap<string, Described>;
}

interface Described extends Pick<IndexedTool, "actions" | "domains"> {
  /** What it is about, in stems of words. */
  readonly about: ReadonlySet<string>;
}

/** `described` is the index of the same entries, where there is one already. */
export function capabilitiesOf(
  entries: readonly CatalogEntry[],
  described: Pick<CatalogIndex, "tools"> = describedCatalog(
    entries.map((entry) => ({ ...entry, domains: entry.domains ?? [] })),
  ),
): Capabilities {
  const tools = described.tools.map(({ name, actions, domains, topic, terms }, at): [string, Described] => {
    const about = aboutOf(entries[at], topic.size > 0 ? topic : terms);
    return [name, { actions, domains, about }];
  });
  return { entries: new Map(entries.map((entry) => [entry.name, entry])), described: new Map(tools) };
}

/** The first word of a name is its server's, which says nothing about what the tool does, unless the description says it too. */
function aboutOf(entry: CatalogEntry | undefined, topic: Terms): ReadonlySet<string> {
  const [server = ""] = entry?.nameWords ?? [];
  const description = entry?.description.toLowerCase() ?? "";
  if (description === "" || description.includes(server)) return new Set(topic.keys());
  const servers = termsOf(server, NOTHING);
  return new Set([...topic.keys()].filter((term) => !servers.includes(term)));
}

const NOTHING: ReadonlySet<string> = new Set();

export interface Substitute extends BoundAnew {
  readonly tool: string;
  /** How much it is about the same, 0 to 1. */
  readonly similarity: number;
  /** Similarity by how often it has succeeded: what the best is chosen by. */
  readonly score: number;
}

interface WrittenCall {
  readonly tool: string;
  readonly with: JsonObject;
}

type Forbidding = Pick<Granted, "forbidden">;

/** Below this two tools are about different things. */
const LEAST_SIMILAR = 0.6;

/** The best first. */
export function substitutesOf(
  call: WrittenCall,
  { entries, described }: Capabilities,
  { forbidden = [] }: Forbidding,
): readonly Substitute[] {
  const own = entries.get(call.tool);
  if (own === undefined || own.sideEffects === "irreversible") return [];
  const found = [...entries.values()].flatMap((other): readonly Substitute[] => {
    if (other.name === own.name || isAmong(other.name, forbidden) || !isNoStronger(other, own)) return [];
    const similarity = similarityOf(described.get(own.name), described.get(other.name));
    if (similarity < LEAST_SIMILAR || !givesTheSame(other, own)) return [];
    const bound = boundAnew(call.with, own, other);
    if (bound === undefined || !fitsTool(other, bound.with)) return [];
    return [{ tool: other.name, ...bound, similarity, score: similarity * successOf(other) }];
  });
  return found.toSorted((one, two) => two.score - one.score || (one.tool < two.tool ? -1 : 1));
}

/** S1, S2. */
function isNoStronger(other: CatalogEntry, own: CatalogEntry): boolean {
  const isWithin = (those: readonly string[] = [], these: readonly string[] = []): boolean =>
    those.every((one) => these.includes(one));
  if (other.sideEffects !== own.sideEffects) return false;
  if (!isWithin(other.permissions, own.permissions) || !isWithin(other.preconditions, own.preconditions)) return false;
  if (own.sideEffects === "read") return true;
  return (own.effects ?? []).length > 0 && isWithin(own.effects, other.effects) && isWithin(other.effects, own.effects);
}

/** Zero where they do something else, whatever it is about. */
function similarityOf(own: Described | undefined, other: Described | undefined): number {
  if (own === undefined || other === undefined) return 0;
  const isSameAction =
    own.actions.length === 0 || other.actions.length === 0 || own.actions.some((one) => other.actions.includes(one));
  const isApart =
    own.domains.length > 0 && other.domains.length > 0 && !own.domains.some((one) => other.domains.includes(one));
  return isSameAction && !isApart ? shareOf(own.about, other.about) : 0;
}

/** Of two sets of words: what is common, of the geometric mean of both (Ochiai's coefficient). */
function shareOf(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const common = [...one].filter((word) => other.has(word)).length;
  return common === 0 ? 0 : common / Math.sqrt(one.size * other.size);
}

/** What is read of the one can be read of the other; nobody knows of one that says nothing. */
function givesTheSame(other: CatalogEntry, own: CatalogEntry): boolean {
  if (!isKnown(own) || !isKnown(other) || !assignable(other.outputSchema, own.outputSchema).ok) return false;
  const [given, wanted] = [typeOfSchema(other.outputSchema), typeOfSchema(own.outputSchema)];
  return looseEnds(given, wanted).length === 0 && namesTheSame(other, own);
}

function isKnown({ outputs }: CatalogEntry): boolean {
  return outputs[0] !== undefined && outputs[0].type !== "any";
}

/** A property that the first declares is declared by the other too: one that may be there or not is nothing to build on. */
function namesTheSame(other: CatalogEntry, own: CatalogEntry): boolean {
  const given = new Map(other.outputs.map(({ path, type }) => [path.join("."), type]));
  return own.outputs.every(({ path, type }) => {
    const found = given.get(path.join("."));
    return found !== undefined && (found === type || type === "any" || (found === "integer" && type === "number"));
  });
}

/** As good as five runs of a tool of which nothing is known. */
const PRIOR_RUNS = 5;
const PRIOR_SUCCESS = 0.95;

function successOf({ observed }: CatalogEntry): number {
  const { runs, successRate } = observed ?? { runs: 0, successRate: 0 };
  return (runs * successRate + PRIOR_RUNS * PRIOR_SUCCESS) / (runs + PRIOR_RUNS);
}
