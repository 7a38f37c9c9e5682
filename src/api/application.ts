import type { Command } from "#events/commands.ts";
import { Fault } from "#events/fault.ts";
import type { PlanId } from "#events/ids.ts";
import type { PlanDefinition } from "#events/definition.ts";
import { json, type Json, type JsonObject } from "#events/json.ts";
import type { StepChange } from "#events/plan-facts.ts";
import type { Decision } from "#machines/decide/decision.ts";
import type { PlanStateName } from "#machines/plan-chart.ts";
import { changesBetween, planWordsBetween } from "#machines/revision.ts";
import { draftedOf, isEnded, planStateOf, type PlanView } from "#machines/state.ts";
import type { Reason } from "#projections/why.ts";
import type { Admissions } from "#src/api/admissions.ts";
import type { Caller } from "#src/api/caller.ts";
import { assertSame, beginningOf, planOfKey } from "#src/api/client-key.ts";
import type { Engine } from "#src/api/engine.ts";
import { missingTools } from "#src/api/missing-tools.ts";
import type { PlanHead } from "#src/api/plan-book.ts";
import { Reading, type CompletedReason, type ReadingParts, type Seen } from "#src/api/reading.ts";
import { answerRequest, type Asking } from "#src/api/answer-request.ts";
import type { AnswerStarted, Started } from "#src/api/started.ts";
import { checkSubmission, type Submission } from "#src/api/submission.ts";
import type { Complaint, Finding } from "#src/language/finding.ts";

// What the operations act on in the process that holds the store.
//
// A1. Whatever is asked of a plan is recorded; whether the plan then goes on here is another question (`goesOn`): it
//     does where its tools are at hand.
// A2. A refusal of the law is thrown as a fault of its code; what had been asked before is no refusal.

export interface ApplicationParts extends ReadingParts {
  readonly engine: Engine;
  readonly admissions: Admissions;
  /** Whether plans start and go on here; otherwise what is asked of them is recorded, and nothing follows here. */
  readonly runsPlans: boolean;
  /** Principals by role, as the configuration says. Default: nobody has one. */
  readonly roles?: Roles | undefined;
}

export type Roles = Readonly<Record<string, readonly string[]>>;

/** Whether a plan goes on in this process, and why it does not where it was meant to. */
export interface Going {
  readonly goesOn: boolean;
  readonly because?: { readonly code: string; readonly message: string };
}

/** What became of something that was asked of a plan. */
export interface Asked extends Going {
  readonly plan: PlanId;
  readonly name: string;
  readonly status: PlanStateName;
  readonly revision: number;
  /** False where it had been asked before, and nothing was left to do. */
  readonly changed: boolean;
}

/** A plan that was checked, with everything that it starts with. */
export interface Start {
  readonly definition: PlanDefinition;
  readonly inputs: JsonObject;
  /** The client's. */
  readonly key?: string | undefined;
}

/** Another definition for a plan. */
export interface Submitted extends Submission {
  readonly plan: string;
}

export interface Comparison {
  readonly plan: PlanId;
  /** Of the plan as it is. */
  readonly edition: number;
  readonly ok: boolean;
  readonly findings: readonly (Finding | Complaint)[];
  readonly changes: readonly StepChange[];
  /** Words of the plan itself. */
  readonly words: readonly string[];
}

export class Application extends Reading {
  readonly engine: Engine;
  private readonly admissions: Admissions;
  private readonly runsPlans: boolean;
  private readonly roles: Roles;

  constructor(parts: ApplicationParts) {
    super(parts);
    this.engine = parts.engine;
    this.admissions = parts.admissions;
    this.runsPlans = parts.runsPlans;
    this.roles = parts.roles ?? {};
  }

  /** The roles of a principal. */
  rolesOf(principal: string): readonly string[] {
    return Object.keys(this.roles).filter((role) => this.roles[role]?.includes(principal));
  }

  /**
   * Starts a plan, or attaches to the one that was started with the same key. Faults: `plan-refused` (details hold the
   * findings), `client-key-conflict`, `nothing-goes-on`, and refusals of the law.
   */
  async submit(submission: Submission & { readonly key?: string | undefined }, caller: Caller): Promise<Started> {
    if (!this.runsPlans) throw new Fault("nothing-goes-on", "this process starts no plans");
    const checked = checkSubmission(submission, this);
    if (!checked.ok) throw planRefused(checked.findings);
    const { definition, inputs, warnings } = checked;
    const start = { definition, inputs, key: submission.key };
    return { ...(await this.start(this.idFor(start), start, caller)), warnings };
  }

  /** Answers a request in words, by a plan. Faults: those of `submit`, and of what is told to the session's last plan. */
  answer(asking: Asking, caller: Caller): Promise<AnswerStarted> {
    return answerRequest(this, asking, caller);
  }

  /** What the plan of this key was started with; undefined where there is none. */
  async inputsOf(key: string): Promise<Json | undefined> {
    return (await beginningOf(planOfKey(key), { events: this.events, plans: this.plans }))?.inputs;
  }

  /** The id of a plan that is about to be started: of a key always the same. */
  idFor({ key }: Pick<Start, "key">): PlanId {
    return key === undefined ? this.engine.newPlanId() : planOfKey(key);
  }

  /** Starts a checked plan with its id, or attaches. Faults: `client-key-conflict`, and refusals of the law. */
  async start(plan: PlanId, start: Start, { actor }: Caller): Promise<Omit<Started, "warnings">> {
    if (await this.attach(plan, start)) return { plan, attached: true };
    await this.admissions.begin(plan);
    const { definition, inputs } = start;
    const decision = accepted(await this.engine.begin(plan, { type: "StartPlan", definition, inputs }, { actor }));
    // Another client was faster: what it started is compared as well.
    const attached = decision.kind === "duplicate" && (await this.attach(plan, start));
    return { plan, attached };
  }

  /** Asks something of a plan; afterwards it goes on here if it can. Faults: refusals of the law. */
  async ask(reference: string, command: Command, caller: Caller): Promise<Asked> {
    const plan = await this.plans.find(reference);
    const decision = accepted(await this.engine.send(plan, command, caller.actor));
    const going = await this.goOn(plan);
    const head = this.engine.head(plan) ?? headOf(await this.current(plan));
    return { plan, ...head, changed: decision.kind === "accepted", ...going };
  }

  /** What a plan would be with another definition. Faults: `plan-unknown`, and those of loading its tools. */
  async compare(submitted: Submitted): Promise<Comparison> {
    const { plan, checked } = await this.checkedFor(submitted);
    const state = await this.current(plan);
    const { edition } = state.header.context;
    if (!checked.ok) return { plan, edition, ok: false, findings: checked.findings, changes: [], words: [] };
    const { definition: before } = draftedOf(state);
    const { definition: after, warnings: findings } = checked;
    const words = planWordsBetween(before, after);
    return { plan, edition, ok: true, findings, changes: changesBetween(before, after), words };
  }

  /** Goes on with another definition. Faults: `plan-refused`, and refusals of the law. */
  async revise(
    submitted: Submitted,
    more: { readonly edition: number; readonly note?: string },
    caller: Caller,
  ): Promise<Asked> {
    const { plan, checked } = await this.checkedFor(submitted);
    if (!checked.ok) throw planRefused(checked.findings);
    return this.ask(plan, { type: "RevisePlan", definition: checked.definition, ...more }, caller);
  }

  /** Lets a plan go on here that a crash or an interruption left. */
  async goOn(plan: PlanId): Promise<Going> {
    if (this.engine.isAdmitted(plan)) return { goesOn: true };
    if (!this.runsPlans) return { goesOn: false };
    try {
      const workshop = await this.admissions.recall(plan);
      const state = await this.current(plan);
      if (isEnded(state)) return { goesOn: false };
      const lacks = missingTools(state, (workshop ?? this).tools);
      if (lacks.length > 0) return refused("unknown-tool", `this process has no tool ${lacks.join(", ")}`);
      this.engine.resume(plan, workshop);
      return { goesOn: true };
    } catch (error) {
      if (!isFault(error)) throw error;
      // What cannot be read is for the engine to find out, and to put into quarantine.
      if (error.code === "plan-unreadable") this.engine.resume(plan);
      else return refused(error.code, error.message);
      return { goesOn: true };
    }
  }

  /**
   * Takes up a plan, or all that an earlier process left unfinished; one plan that is paused is paused no more. Faults:
   * `plan-ended`, `plan-quarantined`.
   */
  async resume(
    reference: string | undefined,
    caller: Caller,
  ): Promise<readonly (Going & { plan: PlanId; name: string })[]> {
    const plans = reference === undefined ? await this.engine.interrupted() : [await this.unended(reference)];
    const all: (Going & { plan: PlanId; name: string })[] = [];
    for (const { plan, name, status } of plans) {
      const isPaused = reference !== undefined && status === "paused";
      if (isPaused) accepted(await this.engine.send(plan, { type: "ResumePlan" }, caller.actor));
      all.push({ plan, name, ...(await this.goOn(plan)) });
    }
    return all;
  }

  /** Lets a plan out of quarantine. Fault: `plan-not-quarantined`. */
  async release(reference: string): Promise<Going & { plan: PlanId }> {
    const plan = await this.plans.find(reference);
    if (!this.engine.quarantined().some((it) => it.plan === plan)) {
      throw new Fault("plan-not-quarantined", `plan ${plan} is not quarantined`);
    }
    await this.engine.release(plan);
    return { plan, ...(await this.goOn(plan)) };
  }

  /** Waits until a plan has ended or only a person can bring it further, at most so long. Fault: `plan-quarantined`. */
  async settled(reference: string, timeoutMs: number, { signal }: Caller): Promise<Seen> {
    const plan = await this.plans.find(reference);
    const over = new AbortController();
    const timer = this.clock.after(timeoutMs, () => over.abort(), { background: true });
    try {
      const state = await this.engine.settled(plan, AbortSignal.any([signal, over.signal]));
      return { state, now: this.clock.now() };
    } catch (error) {
      if (!over.signal.aborted || signal.aborted) throw error;
      return { state: await this.current(plan), now: this.clock.now() };
    } finally {
      timer[Symbol.dispose]();
    }
  }

  override completed(reason: Reason): CompletedReason {
    if (reason.kind !== "slot" || reason.tool === undefined) return reason;
    const shortage = this.engine.shortage({ tool: reason.tool, pool: reason.pool });
    return shortage === undefined ? reason : { ...reason, shortage };
  }

  /** From memory where the plan is there, else from the log. */
  protected override async current(plan: PlanId): Promise<PlanView> {
    return this.engine.view(plan) ?? (await super.current(plan));
  }

  /** A plan that may go on. Faults: `plan-ended`, `plan-quarantined`. */
  async unended(reference: string): Promise<{ plan: PlanId; name: string; status: PlanStateName }> {
    const plan = await this.plans.find(reference);
    const quarantined = this.engine.quarantined().find((it) => it.plan === plan);
    if (quarantined !== undefined) {
      throw new Fault("plan-quarantined", `plan ${plan} is quarantined: ${quarantined.message}`);
    }
    const state = await this.current(plan);
    if (isEnded(state)) throw new Fault("plan-ended", `plan ${plan} has already ${planStateOf(state)}`);
    return { plan, name: state.header.context.name, status: planStateOf(state) };
  }

  /** A plan is checked against the tools that it was started with. */
  private async checkedFor({ plan: reference, ...submission }: Submitted) {
    const plan = await this.plans.find(reference);
    const { tools } = (await this.admissions.recall(plan)) ?? this;
    return { plan, checked: checkSubmission(submission, { tools, library: this.library }, "later") };
  }

  /** Whether the plan has begun before, with the same. */
  private async attach(plan: PlanId, { key, definition, inputs }: Start): Promise<boolean> {
    if (key === undefined) return false;
    const beginning = await beginningOf(plan, { events: this.events, plans: this.plans });
    if (beginning === undefined) return false;
    assertSame(beginning, { key, definition, inputs });
    await this.goOn(plan);
    return true;
  }
}

/** Faults: what the law refuses, by its code. */
function accepted(decision: Decision): Decision {
  if (decision.kind === "rejected") throw new Fault(decision.code, decision.reason);
  return decision;
}

function headOf(state: PlanView): PlanHead {
  return { name: state.header.context.name, status: planStateOf(state), revision: state.revision };
}

function planRefused(findings: readonly (Finding | Complaint)[]): Fault<"plan-refused"> {
  const [first] = findings;
  const said = first === undefined ? "" : `: ${first.message}`;
  return new Fault("plan-refused", `the plan cannot run${said}`, { details: { findings: json.parse(findings) } });
}

function refused(code: string, message: string): Going {
  return { goesOn: false, because: { code, message } };
}

/** `instanceof` alone leaves the code's type open. */
function isFault(error: unknown): error is Fault {
  return error instanceof Fault;
}
