import type { Anything, Given, Resolved } from "./given.ts";
import type { Expression, Ref, Template } from "./template.ts";
import type {
  Alternative,
  AnyStep,
  Approval,
  ApprovalWords,
  Callable,
  Condition,
  Duration,
  EachStep,
  Plan,
  Step,
  STEP,
  Time,
  Tolerance,
  ToolCall,
  ToolWords,
  With,
  Words,
} from "./words.ts";

// The steps of a plan, kind by kind, as code writes them: the id, what the kind is about, and the words. Types only; what
// they promise is kept in step-writer.ts.

/** What the inside of a block gives: a step, or a template of several. */
export type Ending = AnyStep | Anything;
type GivenBy<E> = E extends { readonly [STEP]: true; readonly output: Template<infer O> } ? O : Resolved<E>;

/** What the fallbacks give where a step's own output has no schema to fit. */
type OfFallbacks<W> = W extends { readonly fallback: readonly (infer A)[] } ? OfAlternative<A> : never;
type OfAlternative<A> = A extends ToolCall<infer O> ? O : A extends { readonly value: infer G } ? Resolved<G> : never;

export interface Item<T> {
  readonly item: Ref<T>;
  /** From 0. */
  readonly index: Ref<number>;
  readonly step: Steps;
}

export interface Iteration {
  /** From 0. */
  readonly index: Ref<number>;
  /** What the last iteration gave; null in the first. */
  readonly previous: Ref<unknown>;
  readonly step: Steps;
}

interface EachWords<T, E extends Ending> extends Words {
  /** What the item is called in the plan. Default: `item`, with a number where that is taken. */
  readonly as?: string;
  readonly concurrency?: number;
  readonly do: (around: Item<T>) => E;
}

interface RepeatWords<E extends Ending> extends Words {
  readonly until: (around: { readonly output: Ref<GivenBy<E>>; readonly index: Ref<number> }) => Condition;
  readonly max: number;
}

export interface Steps {
  /** Runs a tool. Its arguments have the tool's types, its output the tool's. */
  tool<A, O, V = O>(id: string, tool: Callable<A, O>, words: With<A> & ToolWords<O, V>): Step<O>;
  value<G extends Anything, const W extends Words = object>(
    id: string,
    value: G,
    words?: W,
  ): Step<Resolved<G> | OfFallbacks<W>>;
  wait<const W extends Words = object>(
    id: string,
    wait: Duration | { readonly until: Time },
    words?: W,
  ): Step<null | OfFallbacks<W>>;
  /** Runs the inside for every item; with `tolerate` a failed item is null in the output. */
  each<
    T,
    E extends Ending,
    const W extends { readonly tolerate?: Tolerance; readonly fallback?: readonly Alternative<unknown>[] },
  >(
    id: string,
    list: Expression<readonly T[]> | readonly T[],
    words: EachWords<T, E> & W,
  ): EachStep<(GivenBy<E> | (W extends { readonly tolerate: Tolerance } ? null : never))[] | OfFallbacks<W>>;
  /** Runs the inside until the condition holds, `max` times at most. */
  repeat<E extends Ending, const W extends { readonly fallback?: readonly Alternative<unknown>[] }>(
    id: string,
    inside: (around: Iteration) => E,
    words: RepeatWords<E> & W,
  ): Step<GivenBy<E> | OfFallbacks<W>>;
  /** Runs another plan: a built one, or one by its name. `range` is one of versions, such as `^1.2`. */
  call<I, O, const W extends { readonly fallback?: readonly Alternative<unknown>[] }>(
    id: string,
    plan: Plan<I, O> | string,
    words: With<I> & { readonly range?: string } & Omit<Words, "fallback"> & W,
  ): Step<O | OfFallbacks<W>>;
  /** Waits for a signal of this name; `step.signal<Delivery>(…)` says what it brings. */
  signal<T = unknown>(id: string, name: Given<string>, words?: Words): Step<T>;
  approve<const W extends Words = object>(
    id: string,
    approval: ApprovalWords,
    words?: W,
  ): Step<Approval | OfFallbacks<W>>;
}
