import type { CatalogEntry, MeantField } from "#src/planning/catalog/entry.ts";
import type { FieldType } from "#src/planning/catalog/fields.ts";
import type { Meaning } from "#src/planning/catalog/meaning.ts";

// Which output of one tool can be which argument of another.
//
// D1. Types must allow it: what a plan with it would be refused for is no data flow.
//     A number becomes a text where one is wanted.
// D2. Beyond that it is a question of meaning, and a number: what is declared says more than a name, a name that many fields have
//     ("text", "name") says little, and where the kinds differ there are only the words of the descriptions.

export interface Feed {
  readonly output: MeantField;
  readonly parameter: MeantField;
  /** 0 to 1. */
  readonly fit: number;
}

/** Below this two fields have nothing to do with each other. */
const LEAST_FIT = 0.3;
/** What everything could be called. */
const VAGUE: ReadonlySet<string> = new Set(
  "text query name value data result output input title type status count description".split(" "),
);
const FIT = {
  declared: 1,
  sameName: 0.95,
  sameKind: 0.85,
  sameKindOfOthers: 0.6,
  vague: 0.4,
  described: 0.55,
} as const;
/** Of what a value becomes that is written out as text. */
const AS_TEXT = 0.9;
/** Of a choice that is not the first of a field's name. */
const SECOND_CHOICE = 0.9;

/** The best output for each argument that the second tool could take from the first, in the order of its arguments. */
export function feedsBetween(from: CatalogEntry, to: CatalogEntry): readonly Feed[] {
  return to.parameters.flatMap((parameter) => {
    const feeds = from.outputs.map((output) => ({ output, parameter, fit: feedOf(output, parameter) }));
    const best = feeds.reduce<Feed | undefined>(
      (one, other) => ((one?.fit ?? 0) >= other.fit ? one : other),
      undefined,
    );
    return best !== undefined && best.fit >= LEAST_FIT ? [best] : [];
  });
}

/** How well the output is what the argument means; 0 where it cannot be. */
export function feedOf(output: MeantField, parameter: MeantField): number {
  const share = typeFit(output.type, parameter.type);
  if (share === 0) return 0;
  const [given, wanted] = [output.meaning, parameter.meaning];
  return share * Math.max(kindFit(given, wanted), FIT.described * shareOfWords(given.words, wanted.words));
}

function kindFit(given: Meaning, wanted: Meaning): number {
  const choice = wanted.kinds.findIndex((kind) => kind !== "" && given.kinds.includes(kind));
  const kind = wanted.kinds[choice];
  if (kind === undefined) return 0;
  if (given.source === "declared" && wanted.source === "declared") return FIT.declared;
  if (VAGUE.has(kind)) return FIT.vague;
  const share = choice === 0 ? 1 : SECOND_CHOICE;
  // "skyId" is any sky-id; "destinationSkyId" is not the one of an origin.
  const isOthers = given.qualifiers.length > 0 && !given.qualifiers.every((word) => wanted.qualifiers.includes(word));
  if (isOthers) return share * FIT.sameKindOfOthers;
  return share * (given.qualifiers.length === wanted.qualifiers.length ? FIT.sameName : FIT.sameKind);
}

/** Of two sets of words: what is common, of the geometric mean of both (Ochiai's coefficient). */
function shareOfWords(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  if (one.size === 0 || other.size === 0) return 0;
  const common = [...one].filter((word) => other.has(word)).length;
  return common / Math.sqrt(one.size * other.size);
}

const SCALARS: ReadonlySet<FieldType> = new Set(["string", "number", "integer", "boolean"]);

/** Whether the plan checker lets a value of the one type through where the other is wanted. */
export function canBecome(given: FieldType, wanted: FieldType): boolean {
  return typeFit(given, wanted) > 0;
}

/** Whether the plan checker lets a value of the one type through where the other is wanted, and how much of it is lost. */
function typeFit(given: FieldType, wanted: FieldType): number {
  if (given === wanted || given === "any" || wanted === "any" || (given === "integer" && wanted === "number")) return 1;
  return wanted === "string" && SCALARS.has(given) ? AS_TEXT : 0;
}
