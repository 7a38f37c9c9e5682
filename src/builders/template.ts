// What stands where a plan will have a value when it runs: references, expressions and texts with expressions in them,
// each with the type that it gives. The types live in the compiler only; what exists is the text that the plan gets.
//
// P1. Every template knows the names that it reads and the block that each belongs to: one that is written where a name
//     means nothing, or something else, is refused (block.ts).

/** Key of what a template is. */
export const WRITTEN: unique symbol = Symbol("planwright.template");

/** Exists for the compiler only. */
declare const GIVES: unique symbol;

/** A name that a template reads: an input, a step, or a variable of a block. */
export interface Origin {
  /** The `Block` that it belongs to. */
  readonly block: object;
  readonly name: string;
}

export interface Written {
  /** As the plan has it: `${steps.a.output}`. */
  readonly text: string;
  /** The expression alone, where the text is nothing else. */
  readonly expression?: string;
  readonly reads: readonly Origin[];
}

/** Stands for a value of this type, which is known when the plan runs. */
export interface Template<out T> {
  readonly [WRITTEN]: Written;
  readonly [GIVES]: () => T;
}

/** A template that is one expression. */
export interface Expression<out T> extends Template<T> {
  readonly [WRITTEN]: Written & { readonly expression: string };
}

/** An expression whose properties can be named: `ref.title` stands for the title of what `ref` stands for. */
export type Ref<T> = Expression<T> & Parts<T>;

type Parts<T> = unknown extends T
  ? unknown
  : T extends readonly unknown[]
    ? unknown
    : T extends object
      ? { readonly [K in keyof T & string]-?: Ref<T[K]> }
      : unknown;

export function isTemplate(value: unknown): value is Template<unknown> {
  return typeof value === "object" && value !== null && WRITTEN in value;
}

export function isExpression(value: unknown): value is Expression<unknown> {
  return isTemplate(value) && value[WRITTEN].expression !== undefined;
}

export function template<T>(written: Written): Template<T> {
  return { [WRITTEN]: written } as Template<T>;
}

/** An expression, and by their names the parts of what it gives. */
export function reference<T>(expression: string, reads: readonly Origin[]): Ref<T> {
  const written: Written = { text: `\${${expression}}`, expression, reads };
  const own = { [WRITTEN]: written, [Symbol.toPrimitive]: () => refuseText(expression) };
  return new Proxy(own, {
    get: (target, name) =>
      typeof name === "symbol" ? (Reflect.get(target, name) as unknown) : reference(partOf(expression, name), reads),
  }) as unknown as Ref<T>;
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** A path of names, which binds stronger than any operator. */
const PATH = /^[\w.]+(?:\[[^\]]*\]|\.\w+)*$/;
const WORDS_OF_CEL: ReadonlySet<string> = new Set(["in", "true", "false", "null"]);

/** As it may stand beside any operator. */
export function operand(expression: string): string {
  return PATH.test(expression) ? expression : `(${expression})`;
}

function partOf(expression: string, name: string): string {
  const whole = operand(expression);
  return IDENTIFIER.test(name) && !WORDS_OF_CEL.has(name) ? `${whole}.${name}` : `${whole}[${JSON.stringify(name)}]`;
}

function refuseText(expression: string): never {
  throw new TypeError(`${expression} is known when the plan runs: write text\`…\` for a text that it stands in`);
}
