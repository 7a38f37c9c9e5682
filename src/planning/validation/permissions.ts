import { isAmong, type Granted, type PlannableTool, type PlannableTools } from "#src/planning/validation/grounds.ts";
import type { ValidationFinding } from "#src/planning/validation/grounds.ts";
import { callsOf, named, type PlacedCall, type PlacedStep } from "#src/planning/validation/places.ts";

// Whether a plan may use the tools that it names, also in fallbacks, undo calls and where it looks: reading everybody may, effects and
// permissions are granted, what is forbidden is not used.

export function permissionFindings(
  steps: readonly PlacedStep[],
  catalog: PlannableTools,
  granted: Granted,
): readonly ValidationFinding[] {
  return steps.flatMap((placed) =>
    callsOf(placed).flatMap((call): readonly ValidationFinding[] => {
      const tool = catalog.get(call.call.tool);
      return tool === undefined ? [notThere(placed, call)] : refusals({ placed, call, tool }, granted);
    }),
  );
}

interface Use {
  readonly placed: PlacedStep;
  readonly call: PlacedCall;
  readonly tool: PlannableTool;
}

/** A definition may come from another time than the catalog. */
function notThere(placed: PlacedStep, { call, path }: PlacedCall): ValidationFinding {
  const message = `${named(placed)} calls ${call.tool}, which is not among the tools`;
  return {
    code: "unknown-tool",
    severity: "error",
    message,
    path: [...path, "tool"],
  };
}

function refusals({ placed, call, tool }: Use, granted: Granted): readonly ValidationFinding[] {
  const path = placed.called === undefined ? [...call.path, "tool"] : call.path;
  const reasons = [forbidden(tool, granted), effectNotGranted(tool, granted), permissionNotGranted(tool, granted)];
  return reasons.flatMap((reason) => {
    if (reason === undefined) return [];
    const message = `${named(placed)} uses ${tool.name}, ${reason.which}`;
    return [{ code: reason.code, severity: "error" as const, message, path }];
  });
}

interface Reason {
  readonly code: string;
  readonly which: string;
}

function forbidden({ name }: PlannableTool, { forbidden: names = [] }: Granted): Reason | undefined {
  return isAmong(name, names) ? { code: "tool-forbidden", which: "which must not be used" } : undefined;
}

function effectNotGranted({ sideEffects }: PlannableTool, granted: Granted): Reason | undefined {
  const allowed = granted.sideEffects ?? ["write", "irreversible"];
  if (sideEffects === "read" || allowed.includes(sideEffects)) return undefined;
  const effects = sideEffects === "write" ? "has side effects" : "has effects that nothing takes back";
  return {
    code: "effect-not-granted",
    which: `which ${effects}: that was not granted`,
  };
}

function permissionNotGranted({ permissions: wanted = [] }: PlannableTool, granted: Granted): Reason | undefined {
  const missing = wanted.filter((permission) => !isAmong(permission, granted.permissions ?? []));
  if (missing.length === 0) return undefined;
  return {
    code: "permission-not-granted",
    which: `which needs what was not granted: ${missing.join(", ")}`,
  };
}
