import { z } from "zod";
import { errorInfo, type ErrorInfo } from "#events/errors.ts";
import { json, jsonObject, type Json } from "#events/json.ts";
import type { ToolRoots } from "#src/tools/define.ts";
import { MAX_OUTPUT_BYTES } from "#src/tools/json-output.ts";

// What an executor and a cell (the thread or process in which an isolated tool runs) say to each other. A cell runs one
// attempt at a time; `run` numbers its attempts, so that what an earlier one still says is told apart.
//
// S1. All messages are JSON. What a cell sends is looked at before it is believed: a tool shares the cell with its sender.

/** An output may grow by a third where secrets in it are blotted out; the rest is for what stands around it. */
export const MAX_MESSAGE_BYTES = 1.5 * MAX_OUTPUT_BYTES;

/** Of a progress or log message; its text and fields are cut where they leave the tool. */
export const MAX_LIVE_BYTES = 64 * 1024;

export interface RunMessage {
  readonly kind: "run";
  readonly run: number;
  /** URL of the module that exports the tool. */
  readonly module: string;
  readonly tool: string;
  readonly version: string;
  readonly args: Json;
  readonly idempotencyKey: string;
  readonly roots: ToolRoots;
}

/** Executor → cell. */
export type CellCommand =
  | RunMessage
  | { readonly kind: "abort"; readonly run: number; readonly name: string; readonly message: string }
  | { readonly kind: "secret"; readonly run: number; readonly id: number; readonly value: string }
  | { readonly kind: "no-secret"; readonly run: number; readonly id: number; readonly error: ErrorInfo }
  /** Nothing more will be asked: end. */
  | { readonly kind: "end" };

const run = z.int().min(0);

const outcome = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), output: json, bytes: z.number() }),
  z.object({ ok: z.literal(false), error: errorInfo, isSilent: z.boolean().exactOptional() }),
]);

const cellReport = z.discriminatedUnion("kind", [
  /** It has heard of the attempt: from here on the tool may have an effect. */
  z.object({ kind: z.literal("begun"), run }),
  z.object({
    kind: z.literal("progress"),
    run,
    percent: z.number().exactOptional(),
    message: z.string().exactOptional(),
    text: z.object({ from: z.int().min(0), piece: z.string() }).exactOptional(),
  }),
  z.object({ kind: z.literal("log"), run, message: z.string(), fields: jsonObject.exactOptional() }),
  z.object({ kind: z.literal("secret"), run, id: z.int(), reference: z.object({ $secret: z.string() }) }),
  /** `rssBytes` is what the cell's process holds of the machine's memory. */
  z.object({ kind: z.literal("outcome"), run, outcome, rssBytes: z.number() }),
  /** Something threw where no tool could catch it: the cell is not to be used again. */
  z.object({ kind: z.literal("crashed"), message: z.string() }),
]);
/** Cell → executor. */
export type CellReport = z.infer<typeof cellReport>;

/** Undefined for what no cell says. */
export function readReport(value: unknown): CellReport | undefined {
  return cellReport.safeParse(value).data;
}
