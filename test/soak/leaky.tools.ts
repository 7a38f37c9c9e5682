import { openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { defineTool } from "#src/index.ts";

// A tool that leaks: each call keeps its list and leaves a file open. The soak has to find both.

const KEPT_ENTRIES = 20_000;
const kept: number[][] = [];

export const leak = defineTool({
  name: "leaky.leak",
  version: "1.0.0",
  description: "Keeps what it should let go.",
  input: z.strictObject({}),
  output: z.number(),
  sideEffects: "read",
  run: () => {
    openSync(fileURLToPath(import.meta.url), "r");
    return kept.push(Array.from({ length: KEPT_ENTRIES }, (_, index) => index / 2));
  },
});
