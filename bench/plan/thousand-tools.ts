import { describedCatalog } from "#src/planning/prediction/described-catalog.ts";
import { predictedByDescription } from "#src/planning/prediction/description-match.ts";
import { readModel } from "#src/planning/prediction/model-file.ts";
import { predicted } from "#src/planning/prediction/predictor.ts";
import { quantile } from "../quantile.ts";
import { generatedCatalog, generatedRequests } from "./generated-catalog.ts";

// In a process of its own, whose memory holds nothing of a training: a catalog of a thousand tools is indexed, a model of them is loaded,
// and requests are answered by both. Prints what that cost. Memory is what the process has grown by, of what the system says it has.

const REQUESTS = 500;
const UNSEEN_SEED = 2;
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
process.stdout.write(
  JSON.stringify({
    indexMs,
    msP99: quantile(
      times.sort((one, other) => one - other),
      0.99,
    ),
    mib: (process.memoryUsage.rss() - before) / BYTES_A_MIB,
    tools: predictor.tools.length,
  }),
);

function timeOf(work: () => unknown): number {
  const from = performance.now();
  work();
  return performance.now() - from;
}
