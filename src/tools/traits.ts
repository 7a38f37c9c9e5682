// What a tool may say of itself for whoever plans with it. It decides nothing about what the tool may do.
//
// P1. Preconditions and effects are the literals of classical planning (STRIPS, PDDL): short terms, and `not TERM` for what an
//     effect ends. They are compared as texts, so tools that are to fit together use the same terms.
// P2. Lists and terms are bounded: descriptions may come from outside.

export interface ToolTraits {
  /** Subjects that it belongs to, in words: `["weather"]`. */
  readonly domains?: readonly string[];
  /** Of one call. */
  readonly cost?: ToolCost;
  /** Names of what somebody must be allowed: `["mail.send"]`. */
  readonly permissions?: readonly string[];
  /** What must be so before it runs: `["file-exists"]`. */
  readonly preconditions?: readonly string[];
  /** What is so afterwards: `["report-written", "not draft-open"]`. */
  readonly effects?: readonly string[];
}

interface ToolCost {
  readonly amount: number;
  /** A currency by its three letters (ISO 4217), or what is counted: `USD`, `tokens`. */
  readonly unit: string;
}

const MAX_TRAITS = 50;
const MAX_TERM_CHARS = 100;

const WORDS = /^[\p{L}\p{N}][\p{L}\p{N} _.-]*$/u;
const NAME = /^[A-Za-z][A-Za-z0-9_.:-]*$/;
const LITERAL = /^(?:not )?[a-z][a-z0-9_.:-]*$/;

const LISTS = [
  { trait: "domains", shape: WORDS, rule: "words" },
  { trait: "permissions", shape: NAME, rule: "names" },
  { trait: "preconditions", shape: LITERAL, rule: "lower-case terms such as file-exists, or not file-exists" },
  { trait: "effects", shape: LITERAL, rule: "lower-case terms such as file-exists, or not file-exists" },
] as const;

/** Which rule the traits break; undefined where they break none. */
export function brokenTrait(traits: ToolTraits): string | undefined {
  const { cost } = traits;
  if (cost !== undefined && !(Number.isFinite(cost.amount) && cost.amount >= 0 && NAME.test(cost.unit))) {
    return "cost is an amount of at least 0 and a unit such as USD or tokens";
  }
  for (const { trait, shape, rule } of LISTS) {
    const terms = traits[trait] ?? [];
    if (terms.length > MAX_TRAITS) return `there are more than ${MAX_TRAITS} ${trait}`;
    if (terms.some((term) => term.length > MAX_TERM_CHARS || !shape.test(term))) return `${trait} are ${rule}`;
  }
  return undefined;
}

/** The traits among other things, those that are there. */
export function traitsOf({ domains, cost, permissions, preconditions, effects }: ToolTraits): ToolTraits {
  return {
    ...(domains === undefined ? {} : { domains }),
    ...(cost === undefined ? {} : { cost }),
    ...(permissions === undefined ? {} : { permissions }),
    ...(preconditions === undefined ? {} : { preconditions }),
    ...(effects === undefined ? {} : { effects }),
  };
}
