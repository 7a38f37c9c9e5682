// The border between the engine and the work itself: what a tool is, what it is given, how it says that it failed.
//
// T1. A tool's schemas exist twice with one meaning: zod where it runs, JSON Schema where plans are checked against it.
// T2. A definition that cannot be described as JSON Schema is refused when its module loads, not when a plan runs.
// T3. A tool has no other way to the outside than its arguments, its context and what it imports: no ambient plan state.

import { z } from "zod";
import type { ZodType } from "zod";
import type { Isolation } from "#events/definition.ts";
import type { ErrorCategory } from "#events/errors.ts";
import type { KnownAnswer } from "#projections/answers-view.ts";
import type { ClassHistory } from "#projections/reference-class.ts";
import type { RequestRow } from "#projections/requests-view.ts";
import type { ToolReport } from "#projections/tool-statistics.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { SecretReference } from "#src/ports/secrets.ts";
import { secretPaths, type SecretPath } from "./secret.ts";
import { brokenTrait, type ToolTraits } from "./traits.ts";

/** What an attempt may touch. Comes from the person who runs the plan, never from the plan. */
export interface ToolRoots {
  /** Absolute path that the fs, shell, git, json and csv tools stay inside. */
  readonly fs: string;
  /** Whether the http tools may reach loopback, private, link-local and other non-public addresses. */
  readonly allowPrivateNetwork: boolean;
  /** Environment of child processes. Default: the allow-listed names of this process's environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface ProgressUpdate {
  readonly percent?: number;
  readonly message?: string;
  readonly text?: { readonly from: number; readonly piece: string };
}

export interface ToolContext {
  /** Aborted on cancel and on timeout; every wait of a tool ends with it. */
  readonly signal: AbortSignal;
  /** The same for all attempts of one call (a fallback is another call): what an outside service should deduplicate by. */
  readonly idempotencyKey: string;
  readonly roots: ToolRoots;
  /** The only time a tool knows; `sleep(clock, ms, signal)` of the port is the only wait. */
  readonly clock: Clock;
  /**
   * Live channel, lossy by design. `percent` is 0 to 100. `text` is a piece of what the tool is writing and the number of
   * characters before it; a few pieces a second are enough for whoever looks.
   */
  readonly progress: (update: ProgressUpdate) => void;
  readonly log: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
  /** The value behind a reference. It must not be put into outputs, logs or messages; `runTool` blots out what slips. */
  readonly secret: (reference: SecretReference) => Promise<string>;
  /** What runs before have shown, for tools that plan; undefined where whoever runs the tool has no log at hand. */
  readonly history?: RunHistory;
}

/** Read as it is when it is asked. */
export interface RunHistory {
  /** How tools have done so far, one report a version. */
  readonly toolReports: () => Promise<readonly ToolReport[]>;
  /** Requests in words, the last one first, with what they were planned to. */
  readonly requests: (limit: number) => Promise<readonly RequestRow[]>;
  /** What calls of tools that only read gave last: a bounded number of them, none that was given a secret. */
  readonly answers: () => Promise<readonly KnownAnswer[]>;
  /** How long finished changes took, by their class: what `forecast` stands on. */
  readonly finishedChanges: () => Promise<readonly ClassHistory[]>;
}

/** `I` is what `run` is given, `A` what a plan may write for it (before defaults). */
export interface ToolDefinition<I, O, A = unknown> extends ToolTraits {
  /** Lower-case words joined by dots: `fs.read`. */
  readonly name: string;
  /** Semantic version; a fact names it. */
  readonly version: string;
  readonly description: string;
  readonly input: ZodType<I, A>;
  readonly output: ZodType<O>;
  /** What happens outside: nothing, something that can be undone or done again, something that cannot. */
  readonly sideEffects: "read" | "write" | "irreversible";
  /** Whether running twice equals running once. Default: true for `read`, else false. */
  readonly idempotent?: boolean;
  /** Default bound of one attempt; the step's own `timeout` wins. */
  readonly timeoutMs?: number;
  /** Runs in a worker thread or a child process of its own where a step does not say otherwise. Default: in the loop. */
  readonly isolate?: Isolation;
  /**
   * URL of the module that exports this tool, `import.meta.url`: from there it is loaded again where it is isolated.
   * The tools of a module that the command line loads need not say it.
   */
  readonly module?: string;
  run(args: I, context: ToolContext): Promise<NoInfer<O>> | NoInfer<O>;
}

type JsonSchemaDocument = Readonly<Record<string, unknown>>;

/** A checked definition with everything derived from it. `run` expects arguments that its `input` has accepted. */
export interface Tool<I = unknown, O = unknown, A = unknown> extends ToolDefinition<I, O, A> {
  readonly idempotent: boolean;
  /** JSON Schema of the arguments as a plan writes them (before defaults). */
  readonly inputSchema: JsonSchemaDocument;
  /** JSON Schema of the output as later steps read it. */
  readonly outputSchema: JsonSchemaDocument;
  /** Places of the arguments that hold secret references. */
  readonly secretPaths: readonly SecretPath[];
  /** Whoever runs it, where that is not this program: `mcp files`. Such a tool cannot be isolated. */
  readonly source?: string;
  /**
   * Whether a call that was checked against another version may run, for a tool that changes without anybody here doing
   * anything. Default: any may, as who replaces a module means it.
   */
  readonly accepts?: (version: string) => boolean;
}

const NAME = /^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*$/;
const VERSION = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;
const MAX_NAME_CHARS = 100;

export function isToolName(name: string): boolean {
  return NAME.test(name) && name.length <= MAX_NAME_CHARS;
}

/** Throws a TypeError that names the tool when the definition breaks a rule above. */
export function defineTool<I, O, A>(definition: ToolDefinition<I, O, A>): Tool<I, O, A> {
  const { name, version, sideEffects, timeoutMs, module } = definition;
  refuse(!isToolName(name), name, "a name is lower-case words joined by dots");
  refuse(!VERSION.test(version), name, `version ${JSON.stringify(version)} is not a semantic version`);
  refuse(timeoutMs !== undefined && !(timeoutMs > 0), name, "timeoutMs must be above 0");
  refuse(module !== undefined && !URL.canParse(module), name, "module is a URL: import.meta.url");
  const broken = brokenTrait(definition);
  refuse(broken !== undefined, name, broken ?? "");
  const inputSchema = describe(name, "input", definition.input);
  return Object.freeze({
    ...definition,
    idempotent: definition.idempotent ?? sideEffects === "read",
    inputSchema,
    outputSchema: describe(name, "output", definition.output),
    secretPaths: secretPaths(inputSchema),
  });
}

/** What a tool throws when it knows what kind of failure this is. Anything else is sorted by `categorize`. */
export class ToolFailure extends Error {
  override readonly name = "ToolFailure";
  readonly category: ErrorCategory;
  /** Stable kebab string, finer than the category: `outside-root`. Default: the category. */
  readonly code: string;
  /** How long the other side asked to be left alone. */
  readonly retryAfterMs: number | undefined;
  /** JSON values for the person who reads the failure; bounded when recorded. */
  readonly details: Readonly<Record<string, unknown>> | undefined;
  /** The work had begun elsewhere, and nobody said how it ended: for a tool that is not idempotent its outcome is unknown. */
  readonly isSilent: boolean;

  constructor(category: ErrorCategory, message: string, options: ToolFailureOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.category = category;
    this.code = options.code ?? category;
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details;
    this.isSilent = options.isSilent ?? false;
  }
}

export interface ToolFailureOptions {
  readonly code?: string;
  readonly retryAfterMs?: number | undefined;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly isSilent?: boolean;
  readonly cause?: unknown;
}

function describe(name: string, side: "input" | "output", schema: ZodType): JsonSchemaDocument {
  try {
    return Object.freeze({ ...z.toJSONSchema(schema, { io: side }) });
  } catch (cause) {
    throw new TypeError(`tool ${name}: its ${side} schema has no JSON Schema`, { cause });
  }
}

function refuse(broken: boolean, name: string, rule: string): void {
  if (broken) throw new TypeError(`tool ${JSON.stringify(name)}: ${rule}`);
}
