import { z } from "zod";
import { defineTool } from "planwright";

// What plans are checked against where tools run in another language: their names and shapes. Who runs them is decided by which
// worker offers the name, and that is the one in Python.

function elsewhere(): never {
  throw new Error("this tool runs in the worker in Python: examples/python/worker.py");
}

export const upper = defineTool({
  name: "py.upper",
  version: "1.0.0",
  description: "Makes the letters of a text upper case.",
  input: z.strictObject({ text: z.string() }),
  output: z.string(),
  sideEffects: "read",
  run: elsewhere,
});

export const awaited = defineTool({
  name: "py.awaited",
  version: "1.0.0",
  description: "Waits for a file where the worker runs, and gives its text.",
  input: z.strictObject({ path: z.string(), seconds: z.number().min(0) }),
  output: z.string(),
  sideEffects: "read",
  run: elsewhere,
});
