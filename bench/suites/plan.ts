import { execFileSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { describedCatalog } from "#src/planning/prediction/described-catalog.ts";
import { predictedByDescription } from "#src/planning/prediction/description-match.ts";
import { fingerprintOf } from "#src/planning/prediction/fingerprint.ts";
import { writeModel } from "#src/planning/prediction/model-file.ts";
import { predicted, trained } from "#src/planning/prediction/predictor.ts";
import { quantile } from "../quantile.ts";
import type { Metric, Suite } from "../metric.ts";
import { generatedRequests } from "../plan/generated-catalog.ts";
import { nestedIn, type NestedRequests } from "../plan/nested.ts";
import { nestedScore } from "../plan/nested-score.ts";
import { requestsIn, type Known, type Requests } from "../plan/requests.ts";
import { answersTo, scoreOf, type Answer } from "../plan/score.ts";

// Which tools a request needs, and in which order, predicted from its words: learned from other requests, and from descriptions alone.
// What a thousand tools cost is measured on a catalog that is made up.
// Where the folder has a test.jsonl it is scored after training on train.jsonl; otherwise each fifth is, after training on the others.

const FOLDS = 5;

export const plan: Suite = async (directory, data) => {
  const nested = data === undefined ? undefined : nestedIn(data);
  return nested === undefined ? chainMetrics(directory, data) : nestedMetrics(nested);
};

async function nestedMetrics(nested: NestedRequests): Promise<readonly Metric[]> {
  const learned = await nestedScore(nested, { past: true });
  const described = await nestedScore(nested, { past: false });
  const times = [...learned.msP].sort((one, other) => one - other);
  return [
    metricOf("function_f1@nestful", learned.functionF1, "F1"),
    metricOf("parameter_f1@nestful", learned.parameterF1, "F1"),
    metricOf("answers@nestful", learned.answers, "share"),
    metricOf("function_f1@nestful-descriptions", described.functionF1, "F1"),
    metricOf("parameter_f1@nestful-descriptions", described.parameterF1, "F1"),
    metricOf("invalid_plans", learned.invalidPlans + described.invalidPlans, "plans"),
    metricOf("ms_p50", quantile(times, 0.5) ?? NaN, "ms"),
    metricOf("ms_p99", quantile(times, 0.99) ?? NaN, "ms"),
  ];
}

async function chainMetrics(directory: string, data: string | undefined): Promise<readonly Metric[]> {
  const requests = requestsIn(data);
  const catalog = new Set(requests.catalog.map(({ name }) => name));
  const learned = scoreOf(learnedAnswers(requests), catalog);
  const described = scoreOf(describedAnswers(requests), catalog);
  const thousand = await thousandTools(directory);
  return [
    metricOf("node_f1@ultratool", learned.nodeF1, "F1"),
    metricOf("link_f1@ultratool", learned.linkF1, "F1"),
    metricOf("exact@ultratool", learned.exact, "share"),
    metricOf("node_f1@ultratool-descriptions", described.nodeF1, "F1"),
    metricOf("unknown_tools", learned.unknownTools + described.unknownTools, "tools"),
    metricOf("ms_p50", learned.msP50, "ms"),
    metricOf("ms_p99", learned.msP99, "ms"),
    metricOf("index_ms@1000", thousand.indexMs, "ms"),
    metricOf("ms_p99@1000", thousand.msP99, "ms"),
    metricOf("mib@1000", thousand.mib, "MiB"),
    metricOf("planning_index_ms@1000", thousand.planningIndexMs, "ms"),
    metricOf("planning_ms_p50@1000", thousand.planningMsP50, "ms"),
    metricOf("planning_ms_p99@1000", thousand.planningMsP99, "ms"),
    metricOf("reading_ms_p99@1000", thousand.readingMsP99, "ms"),
    metricOf("learning_ms@1000-past", thousand.learningMs, "ms"),
    metricOf("planning_ms_p50@1000-past", thousand.pastMsP50, "ms"),
    metricOf("planning_ms_p99@1000-past", thousand.pastMsP99, "ms"),
  ];
}

function metricOf(metric: string, value: number, unit: string): Metric {
  return { suite: "plan", metric, value, unit };
}

function learnedAnswers({ train, test }: Requests): readonly Answer[] {
  if (test) return learnedFrom(train, test);
  return Array.from({ length: FOLDS }, (_, fold) => {
    const answers = learnedFrom(
      train.filter((_known, index) => index % FOLDS !== fold),
      train.filter((_known, index) => index % FOLDS === fold),
    );
    process.stderr.write(`plan: fold ${fold + 1} of ${FOLDS}, ${answers.length} requests\n`);
    return answers;
  }).flat();
}

function learnedFrom(train: readonly Known[], test: readonly Known[]): readonly Answer[] {
  const predictor = trained(train);
  return answersTo(test, (request) => predicted(predictor, request));
}

function describedAnswers({ train, test, catalog }: Requests): readonly Answer[] {
  const index = describedCatalog(catalog);
  return answersTo(test ?? train, (request) => predictedByDescription(index, request));
}

const GENERATED_REQUESTS = 3_000;
const SEED = 1;
const TRAINED_AT = "2026-01-01T00:00:00.000Z";
const COST = z.object({
  ...{ indexMs: z.number(), msP99: z.number(), mib: z.number(), tools: z.number() },
  ...{ learningMs: z.number(), pastMsP50: z.number(), pastMsP99: z.number(), readingMsP99: z.number() },
  ...{ planningIndexMs: z.number(), planningMsP50: z.number(), planningMsP99: z.number() },
});

/** A model of a thousand tools is trained and saved here, and used in a process of its own. */
async function thousandTools(directory: string): Promise<z.infer<typeof COST>> {
  const examples = generatedRequests(GENERATED_REQUESTS, SEED);
  const origin = {
    trainedAt: TRAINED_AT,
    program: "bench",
    examples: examples.length,
    fingerprint: fingerprintOf(examples),
  };
  const model = path.join(directory, "thousand.model");
  process.stderr.write(`plan: a model of a thousand tools, ${examples.length} requests\n`);
  await writeModel(model, { origin, predictor: trained(examples) });
  const script = fileURLToPath(new URL("../plan/thousand-tools.ts", import.meta.url));
  const answer = execFileSync(process.execPath, ["--expose-gc", script, model], { encoding: "utf8" });
  return COST.parse(JSON.parse(answer));
}
