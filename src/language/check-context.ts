import type { PlanDefinition } from "#events/definition.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import type { TypeScope } from "#machines/expressions/type-scope.ts";
import type { Limits } from "#src/ports/limits.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";
import type { Dependencies } from "./dependencies.ts";
import type { InputDefinitions } from "./inputs-draft.ts";
import type { Remark } from "./finding.ts";
import type { Report } from "./report.ts";

/** What the rules about types share. */
export interface CheckContext {
  readonly tools: ToolRegistry;
  readonly inputs: InputDefinitions;
  readonly scope: TypeScope;
  readonly report: Report;
  readonly calls: Calls;
  readonly limits: Limits;
  /** Of the steps that are checked. */
  readonly dependencies: Dependencies;
}

/** Another plan as a call sees it. */
export interface CallablePlan {
  /** `name@version`, as the calling definition names it. */
  readonly key: string;
  readonly definition: PlanDefinition;
  /** Schema of the object of its outputs; null without outputs. */
  readonly outputs: JsonSchema;
}

/** Finds and checks the plans that steps call. */
export interface Calls {
  /** The plan of a reference such as `build@^1.2`, or why there is none. */
  find(reference: string): CallablePlan | Remark;
}
