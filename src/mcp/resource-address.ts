// Addresses of what can be read of plans, in both directions.

export const PLAN_TEMPLATE = "planwright://plans/{plan}";
export const HISTORY_TEMPLATE = "planwright://plans/{plan}/history{?from}";

export type ResourceAddress =
  | { readonly kind: "plan"; readonly plan: string }
  | { readonly kind: "history"; readonly plan: string; readonly from: number };

const PLAN = /^planwright:\/\/plans\/([A-Za-z0-9-]{1,200})$/;
const HISTORY = /^planwright:\/\/plans\/([A-Za-z0-9-]{1,200})\/history(?:\?from=(\d{1,9}))?$/;

/** Undefined where the address is none of a plan. */
export function addressOf(uri: string): ResourceAddress | undefined {
  const [, plan] = PLAN.exec(uri) ?? [];
  if (plan !== undefined) return { kind: "plan", plan };
  const [, of, from = "0"] = HISTORY.exec(uri) ?? [];
  return of === undefined ? undefined : { kind: "history", plan: of, from: Number(from) };
}

export function planUri(plan: string): string {
  return `planwright://plans/${plan}`;
}
