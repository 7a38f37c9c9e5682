import { planDefinition, type PlanDefinition } from "#events/definition.ts";
import type { ErrorInfo } from "#events/errors.ts";
import type { Json } from "#events/json.ts";
import type { Template } from "#machines/expressions/template.ts";
import { stepGraph, type StepGraph } from "#machines/graph.ts";

// A definition made ready to run: decoded, with its graph and room for its compiled templates.
// All of it follows from the definition alone, so plans with the same definition can share it (PreparedDefinitions).

export interface PreparedDefinition {
  readonly definition: PlanDefinition;
  readonly graph: StepGraph;
  /** Templates compiled so far, by their place in the definition. */
  readonly templates: Map<string, CompiledTemplate>;
}

/** A template ready to be evaluated, or why it never will be. */
export type CompiledTemplate = { readonly compiled: Template } | { readonly error: ErrorInfo };

/** Where definitions that were prepared before are found again, by their content hash. */
export interface PreparedDefinitions {
  find(definitionHash: string): PreparedDefinition | undefined;
  keep(definitionHash: string, prepared: PreparedDefinition): void;
}

/** Decodes a definition (defaults are filled in) and builds its graph. */
export function prepareDefinition(source: Json): PreparedDefinition {
  const definition = planDefinition.parse(source);
  return { definition, graph: stepGraph(definition), templates: new Map() };
}
