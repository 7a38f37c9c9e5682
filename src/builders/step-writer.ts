import type { Json, JsonObject } from "#events/json.ts";
import type { Block } from "./block.ts";
import type { Ending, Item, Iteration, Steps } from "./steps.ts";
import { reference } from "./template.ts";
import type { Ref } from "./template.ts";
import { STEP } from "./words.ts";
import type { ApprovalWords, Condition, EachStep, Plan, Step, Time } from "./words.ts";
import { writtenWords } from "./written-words.ts";

// What `steps.ts` promises, done: every call adds a step to the block in the words of the language, and gives what others
// read of it. The compiler's types end here: `never` stands for what the signatures there say.

interface EachWords {
  readonly as?: string;
  readonly do: (around: Item<never>) => Ending;
}

interface RepeatWords {
  readonly until: (around: { readonly output: Ref<never>; readonly index: Ref<number> }) => Condition;
}

/** Adds steps to a block. */
export function stepsOf(block: Block): Steps {
  return new StepWriter(block) as unknown as Steps;
}

class StepWriter {
  readonly #block: Block;

  constructor(block: Block) {
    this.#block = block;
  }

  tool(id: string, { name }: { readonly name: string }, words: object): Step<never> {
    return this.#add(id, { tool: name }, words);
  }

  value(id: string, value: unknown, words: object = {}): Step<never> {
    return this.#add(id, { value: this.#block.written(value) }, words);
  }

  wait(id: string, wait: string | { readonly until: Time }, words: object = {}): Step<never> {
    return this.#add(id, { wait: typeof wait === "string" ? wait : this.#block.mapping(wait) }, words);
  }

  each(id: string, list: unknown, { as, do: body, ...words }: EachWords): EachStep<never> {
    const name = this.#block.freeName(as);
    const inner = this.#block.inside([name, "index"]);
    const item = reference<never>(name, [inner.origin(name)]);
    const index = reference<number>("index", [inner.origin("index")]);
    const written = inside(inner, (step) => body({ item, index, step }));
    const step = this.#add(id, { each: this.#block.written(list), as: name, do: written }, words);
    return { ...step, errors: reference(`steps.${id}.errors`, [this.#block.origin(id)]) };
  }

  repeat(id: string, body: (around: Iteration) => Ending, { until, ...words }: RepeatWords): Step<never> {
    const inner = this.#block.inside(["index", "previous"]);
    const index = reference<number>("index", [inner.origin("index")]);
    const previous = reference<unknown>("previous", [inner.origin("previous")]);
    const written = inside(inner, (step) => body({ index, previous, step }));
    return this.#add(id, { repeat: written, until: this.#until(until) }, words);
  }

  call(id: string, plan: Plan | string, { range, ...words }: { readonly range?: string }): Step<never> {
    if (typeof plan !== "string") this.#block.called.add(plan);
    return this.#add(id, { call: nameOf(plan, range) }, words);
  }

  signal(id: string, name: unknown, words: object = {}): Step<never> {
    return this.#add(id, { signal: this.#block.written(name) }, words);
  }

  approve(id: string, { show, ...approval }: ApprovalWords, words: object = {}): Step<never> {
    const shown = show === undefined ? {} : { show: this.#block.written(show) };
    return this.#add(id, { approve: { ...writtenWords(approval, this.#block), ...shown } }, words);
  }

  #until(until: RepeatWords["until"]): Json {
    const inner = this.#block.inside(["output", "index"]);
    const output = reference<never>("output", [inner.origin("output")]);
    const index = reference<number>("index", [inner.origin("index")]);
    return inner.written(until({ output, index }));
  }

  #add(id: string, kind: JsonObject, words: object): Step<never> {
    this.#block.add(id, { ...kind, ...writtenWords(words, this.#block) });
    return { [STEP]: true, id, output: reference(`steps.${id}.output`, [this.#block.origin(id)]) };
  }
}

/** The steps of a block and what it gives. */
function inside(block: Block, build: (step: Steps) => Ending): JsonObject {
  const given = build(stepsOf(block));
  const output = isStep(given) ? given.output : given;
  return { steps: block.steps, output: block.written(output) };
}

function isStep(given: Ending): given is Step<unknown> {
  return typeof given === "object" && given !== null && STEP in given;
}

/** A version is named where the plan has one. */
function nameOf(plan: Plan | string, range: string | undefined): string {
  const { plan: name, version } = typeof plan === "string" ? { plan, version: undefined } : plan;
  if (typeof name !== "string") throw new TypeError("what is called is a plan, or the name of one");
  const wanted = range ?? version;
  return typeof wanted === "string" ? `${name}@${wanted}` : name;
}
