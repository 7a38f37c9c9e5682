import type { z } from "zod";
import type { Client } from "#src/api/client.ts";
import type { AskPerson } from "#src/mcp/elicitation.ts";
import type { TellProgress } from "#src/mcp/progress.ts";
import type { Clock } from "#src/ports/clock.ts";

// What a tool of this server is: one operation of the table, or a few of them in the order that an agent wants them.
//
// M1. A tool adds no rule of its own: what it refuses is what the operation refuses, with the same code.
// M2. Tools, their words and their schemas are fixed when the server starts: nothing that a plan or its tools give changes them.

export interface ToolCall {
  readonly client: Client;
  readonly clock: Clock;
  /** Aborted when the client takes the call back, or the door closes. */
  readonly signal: AbortSignal;
  /** Where the client wants to hear of it. */
  readonly tell: TellProgress | undefined;
  /** Puts a plan's questions before the person behind the client; undefined where it cannot. */
  readonly person: AskPerson | undefined;
  /** The conversation that a request belongs to that names none. */
  readonly conversation: string | undefined;
  /** Around work that waits for a plan. Fault: `too-many-calls`. */
  readonly waits: <T>(work: () => Promise<T>) => Promise<T>;
}

/** What it does, for clients that ask a person before some tools. */
type Effect =
  /** Changes nothing. */
  | "looks"
  /** Adds to what there is, and takes nothing away. */
  | "adds"
  /** Decides something that cannot be taken back, or takes something back. */
  | "decides";

interface ToolDraft<I extends z.ZodObject, O extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  /** For an agent: what it does, when to use it, what comes next. */
  readonly description: string;
  readonly effect: Effect;
  /** Called twice with the same, it does what it does once. */
  readonly isIdempotent?: boolean;
  readonly input: I;
  readonly output: O;
  run(input: z.output<I>, call: ToolCall): Promise<z.input<O>>;
}

export interface McpTool extends Omit<ToolDraft<z.ZodObject, z.ZodObject>, "run"> {
  /** The input was parsed. */
  run(input: unknown, call: ToolCall): Promise<unknown>;
}

export function mcpTool<I extends z.ZodObject, O extends z.ZodObject>(draft: ToolDraft<I, O>): McpTool {
  return draft;
}
