import type { JsonObject } from "#events/json.ts";
import type { InputDefinitions } from "#src/language/inputs-draft.ts";
import type { PlanSource } from "#src/language/parse.ts";

// What a template is: a plan or a step with places for parameters, or nothing but policies for others to inherit.
//
// T1. `${parameters.NAME}` stands for a value that is known before the plan is: it may be written anywhere in the body and the policies,
//     also where the language reads no expression (a tool's name, a timeout). What is known only while the plan runs stays an input.

export const TEMPLATE_KINDS = ["plan", "step", "policies"] as const;
export type TemplateKind = (typeof TEMPLATE_KINDS)[number];

/** Words that hold where the body says nothing else: the plan's own, and those of every step that calls a tool. */
export interface Policies {
  readonly plan: JsonObject;
  readonly tool: JsonObject;
}

/** An example that the template states of itself. */
export interface TemplateTest {
  readonly name: string;
  readonly with: JsonObject;
  /** Inputs and steps around a step, which it may read. */
  readonly beside?: JsonObject;
  readonly expect: {
    /** What comes out, word for word. */
    readonly source?: JsonObject;
    /** Codes of all that is to be wrong. */
    readonly findings?: readonly string[];
  };
}

export interface Template {
  readonly name: string;
  readonly version: string;
  readonly kind: TemplateKind;
  readonly title?: string;
  readonly description?: string;
  /** `name@range`. */
  readonly extends?: string;
  /** Example requests; `{NAME}` stands where a parameter is said. */
  readonly requests: readonly string[];
  /** Verbs that ask for it. */
  readonly actions: readonly string[];
  readonly parameters: InputDefinitions;
  readonly policies: Policies;
  /** Empty for policies alone. */
  readonly body: JsonObject;
  readonly tests: readonly TemplateTest[];
  readonly source: PlanSource;
}

/** With what it inherits. */
export interface WholeTemplate extends Template {
  /** Where it comes from: a folder, or a package. */
  readonly place: string;
  /** The templates that it inherits from, as `name@version`, the nearest first. */
  readonly lineage: readonly string[];
}

export function keyOf({ name, version }: Pick<Template, "name" | "version">): string {
  return `${name}@${version}`;
}
