// The account that no log can keep: what really ran, and when.

export interface Execution {
  readonly plan: string;
  readonly step: string;
  readonly tool: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** -1 while it has had no effect. */
  doneAt: number;
}

export class Account {
  readonly executions: Execution[] = [];
  /** Attempts whose end their executor has spoken of, by plan, step and attempt. */
  readonly reported = new Set<string>();
  /** Plans that were quarantined. */
  readonly unreadable = new Set<string>();

  begin(key: { readonly plan: string; readonly step: string; readonly tool: string }, startedAt: number): Execution {
    const execution = { ...key, startedAt, doneAt: -1 };
    this.executions.push(execution);
    return execution;
  }

  /** Whether the step's own tool had its effect, by now. */
  hasHappened(plan: string, step: string): boolean {
    return this.executions.some((it) => it.plan === plan && it.step === step && it.doneAt >= 0);
  }
}

/** What a call was made for: `plan/path`, of a step that began anew `plan/path~2`, of a fallback `…/fallback-0`. */
export function callOf(idempotencyKey: string): { readonly plan: string; readonly step: string } {
  const [plan = "", ...rest] = idempotencyKey.split("/");
  const segments = rest.at(-1)?.startsWith("fallback-") === true ? rest.slice(0, -1) : rest;
  const [last = ""] = (segments.at(-1) ?? "").split("~");
  return { plan, step: [...segments.slice(0, -1), last].join("/") };
}
