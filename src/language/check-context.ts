import type { TypeScope } from "#machines/expressions/type-scope.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";
import type { InputDefinitions } from "./inputs-draft.ts";
import type { Report } from "./report.ts";

/** What the rules about types share. */
export interface CheckContext {
  readonly tools: ToolRegistry;
  readonly inputs: InputDefinitions;
  readonly scope: TypeScope;
  readonly report: Report;
}
