import { planDefinition, type PlanDefinition } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import { planBlock, type Block } from "#machines/block.ts";
import type { StepGraph } from "#machines/graph.ts";

// A definition made ready to run: decoded, with its graph and room for its compiled templates.
// All of it follows from the definition alone, so plans with the same definition can share it (PreparedDefinitions).

export interface PreparedDefinition {
  readonly definition: PlanDefinition;
  readonly block: Block;
  /** Of the plan's own steps. */
  readonly graph: StepGraph;
}

/** Where definitions that were prepared before are found again, by their content hash. */
export interface PreparedDefinitions {
  /** The content hash of a definition as it is given; of one with the same text it is known. */
  hashOf(source: Json): string;
  find(definitionHash: string): PreparedDefinition | undefined;
  keep(definitionHash: string, prepared: PreparedDefinition): void;
}

/** Decodes a definition (defaults are filled in) and builds its graph. */
export function prepareDefinition(source: Json): PreparedDefinition {
  const definition = planDefinition.parse(source);
  const block = planBlock(definition);
  return { definition, block, graph: block.graph };
}
