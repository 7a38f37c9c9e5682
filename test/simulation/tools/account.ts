import type { Process } from "#src/simulation/process.ts";

// The account that no log can keep: what really ran, and when.

export interface Execution {
  readonly plan: string;
  readonly step: string;
  readonly tool: string;
  readonly on: Process;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** -1 while it has had no effect. */
  doneAt: number;
  /** -1 while its tool runs. */
  endedAt: number;
  /** When it was told to stop; -1 while nobody has. */
  stoppedAt: number;
}

/** What runs, and on which executor; one that comes back after its death is another one. */
export type Running = Pick<Execution, "plan" | "step" | "tool" | "on">;

export class Account {
  readonly executions: Execution[];
  /** Attempts whose end their executor has spoken of, by plan, step and attempt. */
  readonly reported: Set<string>;
  /** Those of them of which it could not say more than that nobody answered. */
  readonly silent: Set<string>;
  /** Plans that were quarantined. */
  readonly unreadable: Set<string>;
  private readonly running = new Map<Process, Set<Execution>>();

  /** `before`: what had happened already. */
  constructor(before?: Account) {
    this.executions = [...(before?.executions ?? [])];
    this.reported = new Set(before?.reported);
    this.silent = new Set(before?.silent);
    this.unreadable = new Set(before?.unreadable);
  }

  begin(running: Running, startedAt: number): Execution {
    const execution = { ...running, startedAt, doneAt: -1, endedAt: -1, stoppedAt: -1 };
    this.executions.push(execution);
    this.running.set(running.on, (this.running.get(running.on) ?? new Set()).add(execution));
    return execution;
  }

  end(execution: Execution, endedAt: number): void {
    execution.endedAt = endedAt;
    this.running.get(execution.on)?.delete(execution);
  }

  /** What runs at once, for each executor. */
  together(): Iterable<ReadonlySet<Execution>> {
    return this.running.values();
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
