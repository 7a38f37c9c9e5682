import { openBenchEngine } from "./bench-engine.ts";

// Opens a store in a process of its own, finds its interrupted plans, and prints what that cost.

const startedAt = performance.now();
const bench = await openBenchEngine(process.argv[2] ?? "");
const live = await bench.engine.interrupted();
const openMs = performance.now() - startedAt;
const rssMib = process.memoryUsage().rss / 1024 / 1024;
process.stdout.write(JSON.stringify({ openMs, rssMib, live: live.length }));
await bench[Symbol.asyncDispose]();
