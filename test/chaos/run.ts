import process from "node:process";
import { SILENT } from "#src/ports/log.ts";
import { chaos } from "./chaos.ts";
const stop = new AbortController();
process.on("SIGINT", () => stop.abort());
const r = await chaos({ coordinators: 3, executors: 4, slots: 4, seed: 1, durationMs: Number(process.argv[2] ?? 40) * 1000, rate: 4, server: process.env["PLANWRIGHT_KURRENTDB_URL"], stop: stop.signal, signal: new AbortController().signal, onProgress: (l) => console.log(l) });
console.log(JSON.stringify(r, null, 1));
