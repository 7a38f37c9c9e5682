import { errorOf, type ErrorInfo } from "#events/errors.ts";
import type { Json } from "#events/json.ts";
import { categorize } from "#src/tools/categorize.ts";
import type { Tool, ToolContext } from "#src/tools/define.ts";
import { guardSecrets } from "#src/tools/redaction.ts";
import type { ToolOutcome } from "#src/tools/run.ts";
import type { Cell } from "./cell.ts";
import { errorOfEnd } from "./cell-end.ts";
import { MAX_MESSAGE_BYTES, type CellReport } from "./messages.ts";

// One attempt in a cell, seen from the loop: what its tool asks of its context is answered here.
//
// A1. Settles always, and never rejects: with what the tool came to, or with how its cell ended.
// A2. A secret that was given out is blotted out of everything that comes back. The cell does so where the tool runs;
//     what is told of the cell's death, with the last that it printed, is looked through here.

export interface IsolatedCall {
  readonly tool: Tool;
  /** URL of the module that exports the tool. */
  readonly module: string;
  readonly args: Json;
}

export interface InCell {
  readonly outcome: ToolOutcome;
  /** The cell is as good as before: it has answered, and nothing had to be stopped. */
  readonly isClean: boolean;
  /** The cell ended by itself before it heard of the attempt: nothing has happened. */
  readonly isUnheard: boolean;
  readonly rssBytes: number;
}

export async function attemptIn(cell: Cell, { tool, module, args }: IsolatedCall, inner: ToolContext): Promise<InCell> {
  const guarded = guardSecrets(inner);
  const { signal, idempotencyKey, roots } = inner;
  const answer = Promise.withResolvers<InCell>();
  let hasBegun = false;
  const fail = (error: ErrorInfo, isUnheard = false): void => {
    const told = { ...error, message: guarded.text(error.message) };
    answer.resolve({ outcome: { ok: false, error: told, isSilent: hasBegun }, isClean: false, isUnheard, rssBytes: 0 });
  };
  const run = cell.enter({
    ended: (end) => fail(errorOfEnd(end, tool.name), !hasBegun && end.kind !== "killed"),
    report: (report) => {
      if (report.kind === "begun") hasBegun = true;
      else if (report.kind === "outcome") answer.resolve({ ...report, isClean: !signal.aborted, isUnheard: false });
      else if (report.kind === "crashed")
        fail(
          errorOf("bug", "isolated-tool-died", `${tool.name} threw outside of its run: ${report.message}`),
          !hasBegun,
        );
      else hear(report, cell, guarded.context);
    },
  });
  const named = { module, tool: tool.name, version: tool.version };
  const isSent = cell.post({ kind: "run", run, ...named, args, idempotencyKey, roots });
  if (!isSent) {
    const message = `the arguments of ${tool.name} are over ${MAX_MESSAGE_BYTES} bytes`;
    fail(errorOf("resource-exhausted", "isolated-arguments-too-large", message));
  }
  const stopListening = forwardAbort(signal, cell, run);
  try {
    return await answer.promise;
  } finally {
    stopListening();
    cell.leave();
  }
}

type Request = Exclude<CellReport, { kind: "begun" | "outcome" | "crashed" }>;

function hear(request: Request, cell: Cell, context: ToolContext): void {
  switch (request.kind) {
    case "progress": {
      const { kind, run, ...update } = request;
      context.progress(update);
      return;
    }
    case "log":
      context.log(request.message, request.fields);
      return;
    case "secret":
      void giveSecret(request, cell, context);
  }
}

async function giveSecret(
  { run, id, reference }: Extract<Request, { kind: "secret" }>,
  cell: Cell,
  context: ToolContext,
): Promise<void> {
  try {
    cell.post({ kind: "secret", run, id, value: await context.secret(reference) });
  } catch (error) {
    cell.post({ kind: "no-secret", run, id, error: categorize(error) });
  }
}

/** Gives back how to stop. */
function forwardAbort(signal: AbortSignal, cell: Cell, run: number): () => void {
  const onAbort = (): void => {
    const { name, message } =
      signal.reason instanceof Error ? signal.reason : new DOMException("aborted", "AbortError");
    cell.post({ kind: "abort", run, name, message });
  };
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  return () => signal.removeEventListener("abort", onAbort);
}
