import type {
  CalledPlan,
  CallStep,
  EachStep,
  PlanDefinition,
  RepeatStep,
  StepDefinition,
  ToolStep,
} from "#events/definition.ts";
import * as types from "#machines/expressions/expression-type.ts";
import type { ExpressionType } from "#machines/expressions/expression-type.ts";
import { typeOfSchema } from "#machines/expressions/json-schema.ts";
import { typeScope, type TypeScope } from "#machines/expressions/type-scope.ts";
import { answerForms, isAnswerForms } from "#machines/response/answer-forms.ts";
import { stepGraph, topologicalOrder } from "#machines/graph.ts";
import { APPROVED_OUTPUT } from "#src/language/approved-output.ts";
import type { Path } from "#src/language/finding.ts";
import { absentAtEnd, absentAtStart, skippable } from "#src/planning/validation/absent-outputs.ts";
import { BindingReport } from "#src/planning/validation/binding-report.ts";
import type { PlannableTools, ValidationFinding } from "#src/planning/validation/grounds.ts";
import { forgetting, NOTHING_KNOWN } from "#src/planning/validation/known.ts";
import { orPlanNull, ANYTHING_OR_PLAN_NULL, type Reading } from "#src/planning/validation/narrowed-types.ts";
import { callsOf, stepPathIn } from "#src/planning/validation/places.ts";
import { knownWhere } from "#src/planning/validation/templates.ts";

// Whether everything that a step reads is there on every branch: one pass over the definition, each step after those that it reads, with
// the types of their outputs and with what its own `when` has made sure of.
//
// B1. The definition is one that `checkPlan` has given: names, types and cycles are right.
// B2. A called plan is looked at once, with the types that its inputs declare; what is found there has the place of its first call.

export function bindingFindings(definition: PlanDefinition, catalog: PlannableTools): readonly ValidationFinding[] {
  const report = new BindingReport();
  const pass = new Bindings(definition, catalog, report);
  pass.plan();
  return report.findings();
}

/** What is visible where a block stands. */
type Surroundings = Pick<Reading, "scope" | "known" | "absent">;

interface PlacedBlock {
  readonly steps: readonly StepDefinition[];
  readonly placeOf: (id: string) => Path;
}

type PlainStep = Extract<StepDefinition, { kind: "value" | "wait" | "signal" | "approve" }>;

class Bindings {
  readonly #definition: PlanDefinition;
  readonly #catalog: PlannableTools;
  readonly #report: BindingReport;
  readonly #called = new Map<string, ExpressionType>();
  /** By name of the tool: steps of one tool share what has been read of its schemas. */
  readonly #inputs = new Map<string, ExpressionType>();
  readonly #outputs = new Map<string, ExpressionType>();

  constructor(definition: PlanDefinition, catalog: PlannableTools, report: BindingReport) {
    this.#definition = definition;
    this.#catalog = catalog;
    this.#report = report;
  }

  plan(): void {
    const { steps, outputs, respond } = this.#definition;
    const end = this.#block({ steps, placeOf: (id) => ["steps", id] }, this.#outside(this.#definition));
    if (outputs !== undefined) this.#report.template(outputs, ["outputs"], end);
    // What a response without success reads may not be there: that is what it is for.
    const { $done } = answerForms(respond);
    const place = isAnswerForms(respond) ? ["respond", "$done"] : ["respond"];
    if ($done !== undefined) this.#report.template($done, place, end);
  }

  #outside({ inputs }: Pick<PlanDefinition, "inputs">): Surroundings {
    const properties = Object.fromEntries(Object.entries(inputs).map(([name, { schema }]) => [name, schema]));
    const required = Object.keys(properties);
    const schema = {
      type: "object",
      properties,
      required,
      additionalProperties: false,
    };
    return {
      scope: typeScope({ inputs: schema, steps: {} }),
      known: NOTHING_KNOWN,
      absent: new Set(),
    };
  }

  /** Gives what is visible at the block's end. */
  #block({ steps, placeOf }: PlacedBlock, around: Surroundings): Reading {
    const graph = stepGraph({ steps });
    const sorted = topologicalOrder(graph);
    const order = "order" in sorted ? sorted.order : [];
    const outputs = new Map<string, ExpressionType>();
    const scope = withSteps(around.scope, outputs);
    for (const index of order) {
      const step = steps[index];
      if (step === undefined) continue;
      const known = knownWhere(around.known, step.when);
      const absent = new Set([...around.absent, ...absentAtStart(step)]);
      const reading: Reading = { scope, known, absent, locals: [] };
      const path = placeOf(step.id);
      if (step.when !== undefined) {
        this.#report.condition(step.when, [...path, "when"], {
          ...reading,
          known: around.known,
        });
      }
      outputs.set(step.id, this.#step(step, path, reading));
    }
    const absent = new Set([...around.absent, ...absentAtEnd(steps, graph, skippable(steps, graph, order))]);
    return { scope, known: around.known, absent, locals: [] };
  }

  #step(step: StepDefinition, path: Path, reading: Reading): ExpressionType {
    const own = this.#own(step, path, reading);
    const others = step.fallback.map((alternative, index) => {
      const place = [...path, "fallback", index];
      if ("value" in alternative) return this.#report.template(alternative.value, [...place, "value"], reading);
      this.#report.arguments(alternative.with, { wanted: this.#input(alternative.tool), path: place }, reading);
      return this.#output(alternative.tool);
    });
    if (step.kind !== "tool") return types.joinAll([own, ...others]);
    // What a fallback of a tool gives is held against the schema of the step's own tool when it runs.
    others.forEach((type, index) => {
      this.#report.fallback(type, own, [...path, "fallback", index]);
    });
    return own;
  }

  #own(step: StepDefinition, path: Path, reading: Reading): ExpressionType {
    if (step.kind === "tool") return this.#tool(step, path, reading);
    if (step.kind === "each") return this.#each(step, path, reading);
    if (step.kind === "repeat") return this.#repeat(step, path, reading);
    if (step.kind === "call") return this.#call(step, path, reading);
    return this.#plain(step, path, reading);
  }

  #plain(step: PlainStep, path: Path, reading: Reading): ExpressionType {
    switch (step.kind) {
      case "value":
        return this.#report.template(step.value, [...path, "value"], reading);
      case "wait":
        if ("until" in step.wait) this.#report.template(step.wait.until, [...path, "wait", "until"], reading);
        return types.NULL;
      case "signal":
        this.#report.template(step.signal, [...path, "signal"], reading);
        return types.DYN;
      case "approve":
        if (step.show !== undefined) this.#report.template(step.show, [...path, "approve", "show"], reading);
        return APPROVED;
    }
  }

  #tool(step: ToolStep, path: Path, reading: Reading): ExpressionType {
    const output = this.#output(step.call.tool);
    const { unknown, key } = step;
    for (const { call, path: place, use } of callsOf({ step, path })) {
      if (use === "fallback") continue;
      const found = use === "undo" ? withVariables(reading, { output: undoneOutput(output, step) }) : reading;
      this.#report.arguments(call.with, { wanted: this.#input(call.tool), path: place }, found);
    }
    if (key !== undefined) this.#report.template(key, [...path, "key"], reading);
    if (typeof unknown !== "string") {
      const found = withVariables(reading, {
        output: this.#output(unknown.verify.tool),
      });
      this.#report.condition(unknown.done, [...path, "unknown", "done"], found);
      this.#report.template(unknown.output, [...path, "unknown", "output"], found);
    }
    return output;
  }

  #each(step: EachStep, path: Path, reading: Reading): ExpressionType {
    const list = this.#report.template(step.items, [...path, "each"], reading);
    const item = types.joinAll(types.members(list).map((one) => (one.kind === "list" ? one.element() : types.DYN)));
    const inner = this.#body(step, path, withVariables(reading, { [step.as]: item, index: types.INT }));
    const { tolerate } = step;
    const mayFail = "share" in tolerate ? tolerate.share > 0 : tolerate.count > 0;
    return types.listOf(() => (mayFail ? orPlanNull(inner) : inner));
  }

  #repeat(step: RepeatStep, path: Path, reading: Reading): ExpressionType {
    const inside = withVariables(reading, {
      index: types.INT,
      previous: ANYTHING_OR_PLAN_NULL,
    });
    const output = this.#body(step, path, inside);
    this.#report.condition(step.until, [...path, "until"], withVariables(reading, { output, index: types.INT }));
    return output;
  }

  /** What a member gives: null where its output was to come from a step that did not run. */
  #body(step: EachStep | RepeatStep, path: Path, around: Surroundings): ExpressionType {
    const placeOf = (id: string): Path => stepPathIn(path, step, id);
    const end = this.#block({ steps: step.body.steps, placeOf }, around);
    const word = step.kind === "each" ? "do" : "repeat";
    return this.#report.output(step.body.output ?? null, [...path, word, "output"], end);
  }

  #call(step: CallStep, path: Path, reading: Reading): ExpressionType {
    const plan = this.#definition.calls?.[step.plan];
    if (plan === undefined) return types.DYN;
    this.#report.arguments(step.with, { wanted: inputsOf(plan), path }, reading);
    const known = this.#called.get(step.plan) ?? this.#calledPlan(step.plan, plan, path);
    this.#called.set(step.plan, known);
    return known;
  }

  #calledPlan(key: string, plan: CalledPlan, path: Path): ExpressionType {
    return this.#report.within({ plan: key, path: [...path, "call"] }, () => {
      const end = this.#block({ steps: plan.steps, placeOf: (id) => ["steps", id] }, this.#outside(plan));
      return plan.outputs === undefined ? types.NULL : this.#report.output(plan.outputs, ["outputs"], end);
    });
  }

  #output(tool: string): ExpressionType {
    const type = this.#outputs.get(tool) ?? typeOfSchema(this.#catalog.get(tool)?.outputSchema ?? {});
    this.#outputs.set(tool, type);
    return type;
  }

  #input(tool: string): ExpressionType {
    const type = this.#inputs.get(tool) ?? typeOfSchema(this.#catalog.get(tool)?.inputSchema ?? {});
    this.#inputs.set(tool, type);
    return type;
  }
}

/** What an approve step gives when somebody has approved. */
const APPROVED = typeOfSchema(APPROVED_OUTPUT);

/** An undo reads null where nobody knows whether there was an effect, which can only be where a second run may have another. */
function undoneOutput(output: ExpressionType, { call }: ToolStep): ExpressionType {
  return call.idempotent ? output : orPlanNull(output);
}

function inputsOf({ inputs }: CalledPlan): ExpressionType {
  const fields = Object.entries(inputs).map(([name, { schema, default: preset }]) => {
    const type = typeOfSchema(schema);
    return [name, { type: () => type, required: preset === undefined }] as const;
  });
  return { kind: "map", fields: new Map(fields), closed: true };
}

function withSteps(around: TypeScope, outputs: ReadonlyMap<string, ExpressionType>): TypeScope {
  return {
    get inputs() {
      return around.inputs;
    },
    stepOutput: (id) => outputs.get(id) ?? around.stepOutput(id),
    variable: (name) => around.variable(name),
    stepIds: () => [],
    variableNames: () => [],
  };
}

function withVariables(reading: Reading, variables: Readonly<Record<string, ExpressionType>>): Reading {
  const { scope } = reading;
  const names = Object.keys(variables);
  // What was known of the iteration around says nothing of one inside.
  const known = forgetting(reading.known, names.includes("index") ? [...names, "previous"] : names);
  const variable = (name: string): ExpressionType | undefined =>
    Object.hasOwn(variables, name) ? variables[name] : scope.variable(name);
  return {
    ...reading,
    known,
    scope: { ...withSteps(scope, new Map()), variable },
  };
}
