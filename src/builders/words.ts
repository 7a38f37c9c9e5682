import type { ZodType } from "zod";
import type { ErrorCategory } from "#events/errors.ts";
import type { Isolation } from "#events/definition.ts";
import type { JsonObject } from "#events/json.ts";
import type { Anything, Arguments, Given } from "./given.ts";
import type { Expression, Ref, Template } from "./template.ts";

// The words of the plan language as they are written in code: docs/plan-language.md says what each means. Where a word
// depends on what a tool takes and gives, its type does too.

/** `500ms`, `10s`, `1.5h`, `2d`. */
export type Duration = `${number}${"ms" | "s" | "m" | "h" | "d"}`;

/** An expression that is true or false. */
export type Condition = Expression<boolean> | boolean;

/** Key of what says that an object is a step. */
export const STEP: unique symbol = Symbol("planwright.step");

/** A step that others wait for. */
export interface AnyStep {
  readonly [STEP]: true;
  readonly id: string;
}

/** A step that others read. */
export interface Step<O> extends AnyStep {
  readonly output: Ref<O>;
}

/** Words of any step. */
export interface Words {
  readonly needs?: readonly AnyStep[];
  readonly join?: "all" | "any" | { readonly first: number };
  readonly when?: Condition;
  readonly deadline?: Duration;
  readonly fallback?: readonly Alternative<unknown>[];
  readonly priority?: number;
  readonly estimate?: Duration;
  readonly description?: string;
}

/** What a plan needs to know of a tool: `defineTool` makes one. */
export interface Callable<A, O> {
  readonly name: string;
  readonly input: ZodType<unknown, A>;
  readonly output: ZodType<O>;
}

/** The arguments; the mapping may be missing where none is required. */
export type With<A> = { readonly with?: Arguments<A> } & (string extends keyof A
  ? unknown
  : Partial<A> extends A
    ? unknown
    : { readonly with: Arguments<A> });

export interface CallWords {
  readonly timeout?: Duration;
  readonly idempotent?: boolean;
  readonly isolate?: Isolation;
  /** Of an undo only. */
  readonly retry?: number | Retry;
  /** Of a fallback only: the failures that it is for. */
  readonly on?: readonly ErrorCategory[];
}

/** Exists for the compiler only. */
declare const GIVES: unique symbol;

/** A call of a tool beside a step's own: a fallback, an undo, a tool that looks. `toolCall` makes one. */
export interface ToolCall<O> {
  readonly tool: string;
  readonly words: object;
  readonly [GIVES]: () => O;
}

export function toolCall<A, O>(tool: Callable<A, O>, words: With<A> & CallWords): ToolCall<O> {
  return { tool: tool.name, words } as ToolCall<O>;
}

export type Alternative<O> = ToolCall<O> | { readonly value: Given<O>; readonly on?: readonly ErrorCategory[] };

interface Delays {
  readonly attempts?: number;
  readonly delay?: Duration;
  readonly backoff?: "fixed" | "exponential";
  readonly jitter?: "none" | "full" | "decorrelated";
  readonly maxDelay?: Duration;
}

interface Retry extends Delays {
  readonly budget?: Duration;
  readonly on?: Partial<Readonly<Record<ErrorCategory, Delays>>>;
}

/** A tool that looks whether the effect is there, and what its output `V` says about it. */
interface Verification<V, O> {
  readonly verify: ToolCall<V>;
  readonly done: (output: Ref<V>) => Condition;
  /** What the step gives then. Default: what the tool gave. */
  readonly output?: (output: Ref<V>) => Given<O>;
}

export interface ToolWords<O, V> extends Omit<Words, "fallback">, Omit<CallWords, "retry" | "on"> {
  readonly retry?: number | Retry;
  readonly unknown?: "ask" | "retry" | "undo" | Verification<V, NoInfer<O>>;
  /** `output` is null where nobody knows what became of the step. */
  readonly undo?: (output: Ref<O>) => ToolCall<unknown>;
  readonly irreversible?: boolean;
  /** The field `rest` of its output is how the plan goes on. */
  readonly revises?: boolean;
  /** JSON Schema of what the step gives, where its tool promises less. */
  readonly returns?: JsonObject;
  readonly pool?: string;
  readonly key?: Given<string>;
  readonly uses?: Readonly<Record<string, number>>;
  readonly fallback?: readonly Alternative<NoInfer<O>>[];
}

export type Tolerance = number | `${number}%`;

export interface Approval {
  readonly approved: boolean;
  readonly hash: string;
  readonly by: string;
  readonly at: string;
  readonly note?: string;
  /** Everybody who approved, in the order in which they did. */
  readonly approvals: readonly Approver[];
}

interface Approver {
  readonly by: string;
  readonly at: string;
  readonly note?: string;
}

export interface ApprovalWords {
  readonly role?: string;
  /** How many different people have to approve; default 1. */
  readonly approvers?: number;
  readonly show?: Anything;
  readonly expires?: Duration;
}

/** An item of an `each` that failed. */
interface ItemError {
  readonly index: number;
  readonly category: string;
  readonly code: string;
  readonly message: string;
}

export interface EachStep<O> extends Step<O> {
  readonly errors: Ref<readonly ItemError[]>;
}

/** A time: RFC 3339, or milliseconds since 1970. */
export type Time = Template<string | number> | string;

/** Exists for the compiler only. */
declare const CALLED: unique symbol;

/** The source of a plan, as YAML or JSON would have it; `I` are the inputs that it takes, `O` the outputs that it gives. */
export type Plan<I = unknown, O = unknown> = JsonObject & { [CALLED]?(inputs: I): O };
