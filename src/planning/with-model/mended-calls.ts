import { boundArgument, type ArgumentModel } from "#src/planning/binding/argument-model.ts";
import { ordinalOf } from "#src/planning/binding/slot.ts";
import type { Call, Source } from "#src/planning/binding/source.ts";
import type { Span } from "#src/planning/binding/spans.ts";
import type { CatalogEntry, MeantField } from "#src/planning/catalog/entry.ts";
import { argumentSource, type ArgumentPlace } from "#src/planning/with-model/argument-source.ts";
import {
  hint,
  isSpelledAlike,
  orderedSteps,
  type Notes,
  type OrderedStep,
} from "#src/planning/with-model/step-order.ts";
import { argumentsOf } from "#src/planning/with-model/tool-card.ts";
import type { WrittenSource, WrittenStep } from "#src/planning/with-model/written-plan.ts";

// From the steps that a model has written to calls of the planner: mended by what is known of the tools and the request, and where that is
// not enough with problems that the model can mend.
//
// C1. Only offered tools, only arguments that they declare, only outputs of earlier steps come out.
// C2. What the model leaves open is bound as without a model, where that is sure; else it is missing, and a question.

export interface ModelCall extends Call {
  /** Names of required arguments that nothing was found for. */
  readonly missing: readonly string[];
}

/** What has to be asked before a call can be made. */
export interface ModelQuestion {
  /** Index of the call. */
  readonly call: number;
  readonly tool: string;
  readonly parameter: string;
  readonly question: string;
  /** Whether the model asks it; else it is about an argument that it has left out. */
  readonly isAsked: boolean;
}

export interface Mended extends Notes {
  readonly calls: readonly ModelCall[];
  /** The model's ids of the calls. */
  readonly ids: readonly string[];
  readonly questions: readonly ModelQuestion[];
}

export interface MendingAround {
  /** Those that were offered. */
  readonly entries: readonly CatalogEntry[];
  readonly request: string;
  readonly spans: readonly Span[];
  readonly arguments: ArgumentModel;
}

export function mendedCalls(written: readonly WrittenStep[], around: MendingAround): Mended {
  const notes: Notes = { repairs: [], problems: [] };
  const { steps, places } = orderedSteps(written, around.entries, notes);
  const calls: ModelCall[] = [];
  const questions: ModelQuestion[] = [];
  for (const ordered of steps) {
    const binding = new CallBinding(ordered, { ...around, ...notes, before: calls, places });
    calls.push(binding.call());
    questions.push(...binding.questions);
  }
  return { ...notes, calls, questions, ids: steps.map(({ step }) => step.id) };
}

interface Binding extends MendingAround, Notes {
  readonly before: readonly ModelCall[];
  readonly places: ReadonlyMap<string, number>;
}

/** From this share on what is bound without the model counts as said. */
const SURE = 0.5;

class CallBinding {
  readonly questions: ModelQuestion[] = [];
  private readonly ordered: OrderedStep;
  private readonly around: Binding;
  private readonly bound: Record<string, Source> = {};
  private readonly missing: string[] = [];

  constructor(ordered: OrderedStep, around: Binding) {
    this.ordered = ordered;
    this.around = around;
  }

  call(): ModelCall {
    const { step, entry } = this.ordered;
    const given = this.byParameter();
    for (const parameter of argumentsOf(entry)) this.bind(parameter, given.get(parameter.path[0] ?? ""));
    const after = step.after.flatMap((id) => this.around.places.get(id) ?? []).filter((at) => at < this.index);
    return {
      tool: entry.name,
      arguments: this.bound,
      missing: this.missing,
      ...(after.length === 0 ? {} : { after: [...new Set(after)] }),
    };
  }

  private get place(): ArgumentPlace {
    const { step, entry } = this.ordered;
    return { ...this.around, id: step.id, entry };
  }

  private get index(): number {
    return this.around.before.length;
  }

  /** What is given under a name that the tool does not know is a problem; under another spelling of one it is meant. */
  private byParameter(): ReadonlyMap<string, WrittenSource> {
    const { step, entry, cut } = this.ordered;
    const names = argumentsOf(entry).map(({ path }) => path[0] ?? "");
    const found = new Map<string, WrittenSource>();
    for (const [name, source] of step.arguments) {
      if (cut.has(name)) continue;
      const alike = names.filter((one) => isSpelledAlike(one, name));
      const [only] = names.includes(name) ? [name] : alike.length === 1 ? alike : [];
      if (only === undefined) this.problem(name, `${entry.name} takes no such argument${hint(name, names)}`);
      else if (found.has(only)) this.problem(name, `${only} is given twice`);
      else found.set(only, source);
    }
    return found;
  }

  private bind(parameter: MeantField, given: WrittenSource | undefined): void {
    const name = parameter.path[0] ?? "";
    if (given?.kind === "ask") {
      if (parameter.isRequired) this.ask(name, given.question, true);
      return;
    }
    const source = given === undefined ? this.withoutModel(parameter) : argumentSource(given, parameter, this.place);
    if (source !== undefined) this.bound[name] = source;
    else if (given === undefined && parameter.isRequired) this.ask(name, questionFor(parameter), false);
  }

  private ask(parameter: string, question: string, isAsked: boolean): void {
    this.missing.push(parameter);
    this.questions.push({ call: this.index, tool: this.ordered.entry.name, parameter, question, isAsked });
  }

  /** C2. */
  private withoutModel(parameter: MeantField): Source | undefined {
    if (!parameter.isRequired) return undefined;
    const { before, entries, spans, arguments: model, repairs } = this.around;
    const { entry, step } = this.ordered;
    const ordinal = ordinalOf(before, entry.name);
    const slot = { entry, parameter, ordinal, before, entries, bound: this.bound, spans };
    const { source, share } = boundArgument(model, slot);
    if (source === undefined || share < SURE) return undefined;
    repairs.push(`${step.id}: ${parameter.path[0]} was left out, and is what the request or an earlier step says`);
    return source;
  }

  private problem(name: string, why: string): undefined {
    this.around.problems.push(`${this.ordered.step.id}.${name}: ${why}`);
  }
}

/** What somebody is asked who is to say it. */
export function questionFor({ path, description }: MeantField): string {
  const name = (path[0] ?? "").replaceAll(/[_-]+/g, " ");
  const [about = ""] = description.split(/[.\n]/);
  return about === "" ? `What is the ${name}?` : `What is the ${name} (${about.slice(0, MAX_ABOUT_CHARS)})?`;
}

const MAX_ABOUT_CHARS = 100;
