import { readFileSync } from "node:fs";
import path from "node:path";
import { summaryOf } from "#src/implementation/codebase/codebase.ts";
import { filesOf } from "#src/implementation/codebase/listing/files.ts";
import { systemClock } from "#src/ports/system/clock.ts";

// In a process of its own, which has no other memory: summarises a directory, or reads all its files and does nothing with them, and
// prints what that took.

const [directory = "", what = "summary"] = process.argv.slice(2);
const { signal } = new AbortController();
const context = { clock: systemClock, signal, roots: { fs: directory, allowPrivateNetwork: false } };

const startedAt = performance.now();
const files = await (what === "summary" ? summarise() : readAll());
const ms = performance.now() - startedAt;
const mib = process.resourceUsage().maxRSS / 1024;
process.stdout.write(JSON.stringify({ files, ms, mib }));

async function summarise(): Promise<number> {
  return (await summaryOf(context, ".")).totals.files;
}

/** The raw limit: listed, looked at and read, as every summary has to. */
async function readAll(): Promise<number> {
  const { files } = await filesOf(context, ".");
  for (const { path: name, kind } of files) if (kind === "file") readFileSync(path.join(directory, name));
  return files.length;
}
