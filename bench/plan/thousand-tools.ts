import { analysed } from "#src/planning/analysis/analyse.ts";
import { decided, decider, type Decider } from "#src/planning/answering/decision.ts";
import { catalogEntry } from "#src/planning/catalog/entry.ts";
import { drafted, planner, type Planner } from "#src/planning/drafting/planner.ts";
import { describedCatalog } from "#src/planning/prediction/described-catalog.ts";
import { predictedByDescription } from "#src/planning/prediction/description-match.ts";
import { readModel } from "#src/planning/prediction/model-file.ts";
import { predicted } from "#src/planning/prediction/predictor.ts";
import { quantile } from "../quantile.ts";
import { generatedCatalog, generatedRequests, generatedTools } from "./generated-catalog.ts";

// In a process of its own, whose memory holds nothing of a training: a catalog of a thousand tools is indexed, a model of them is loaded,
// and requests are answered by both; then whole plans are made of the same requests, offline. Prints what that cost. Memory is what the process has grown by, of what the system says it has.

const REQUESTS = 500;
const UNSEEN_SEED = 2;
/** Requests that were answered before. */
const PAST = 40;
const PAST_SEED = 3;
const NOW = Date.UTC(2026, 0, 1);
const BYTES_A_MIB = 1024 * 1024;

const catalog = generatedCatalog();
const requests = generatedRequests(REQUESTS, UNSEEN_SEED);
globalThis.gc?.();
const before = process.memoryUsage.rss();
const startedAt = performance.now();
const index = describedCatalog(catalog);
const { predictor } = await readModel(process.argv[2] ?? "");
const indexMs = performance.now() - startedAt;
const times = requests.flatMap(({ request }) => [
  timeOf(() => predicted(predictor, request)),
  timeOf(() => predictedByDescription(index, request)),
]);
globalThis.gc?.();
const mib = (process.memoryUsage.rss() - before) / BYTES_A_MIB;
const planningFrom = performance.now();
const offline = planner(generatedTools().map(catalogEntry), { now: NOW });
const deciding = decider(offline);
const planningIndexMs = performance.now() - planningFrom;
const planning = requests.map(({ request }) => timeOf(() => wholePlanning(request, offline, deciding)));
const past = generatedRequests(PAST, PAST_SEED).map(({ request, chain }) => ({
  request,
  calls: chain.map((tool) => ({ tool, arguments: {} })),
}));
const learningFrom = performance.now();
const taught = planner(offline.entries, { past, now: NOW });
const learningMs = performance.now() - learningFrom;
const decidingTaught = decider(taught);
const again = requests.map(({ request }) => timeOf(() => wholePlanning(request, taught, decidingTaught)));
const raw = requests.map(({ request }) => timeOf(() => analysed(request, { now: NOW })));
process.stdout.write(
  JSON.stringify({
    indexMs,
    msP99: quantile(times.sort(ascending), 0.99),
    mib,
    planningIndexMs,
    planningMsP50: quantile(planning.sort(ascending), 0.5),
    planningMsP99: quantile(planning, 0.99),
    learningMs,
    pastMsP50: quantile(again.sort(ascending), 0.5),
    pastMsP99: quantile(again, 0.99),
    readingMsP99: quantile(raw.sort(ascending), 0.99),
    tools: predictor.tools.length,
  }),
);

/** Analysis, drafts with all arguments, and what becomes of the request. */
function wholePlanning(request: string, made: Planner, by: Decider): unknown {
  const read = analysed(request, { now: NOW });
  const found = read.kind === "analysed" ? drafted(made, read.analysis) : undefined;
  return decided(by, { analysed: read, drafted: found, now: NOW });
}

function ascending(one: number, other: number): number {
  return one - other;
}

function timeOf(work: () => unknown): number {
  const from = performance.now();
  work();
  return performance.now() - from;
}
