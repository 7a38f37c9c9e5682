import { openBenchEngine } from "./bench-engine.ts";
import { startWide, watchStretches } from "./wide-plan.ts";

// Begins a wide plan in a directory, and kills this process once so many of its items have ended.

const [directory = "", items = "", killedAt = ""] = process.argv.slice(2);
const bench = await openBenchEngine(directory);
watchStretches(bench.engine, (ended) => {
  if (ended >= Number(killedAt)) process.kill(process.pid, "SIGKILL");
});
await startWide(bench.engine, Number(items));
