import { isJsonObject } from "#events/json.ts";
import type { z } from "zod";
import type { Application } from "#src/api/application.ts";
import type { Caller } from "#src/api/caller.ts";
import type { Reading } from "#src/api/reading.ts";

// What an operation is: everything that a door has to know of it, and what it does.
//
// T1. A door adds nothing to an operation and leaves nothing out: names, schemas, refusals and results are the table's.
// T2. `over` says what it takes to answer: a store that can be read, or the engine of the process that holds it.

/** Method and path over HTTP; `{name}` is a member of the input. What is in neither path nor query is the body. */
type Route = `${"GET" | "POST"} /v1/${string}`;

interface Described<I, O> {
  readonly route: Route;
  /** One sentence, for documents and help. */
  readonly summary: string;
  readonly input: I;
  /** Of a stream: what each of its messages is. */
  readonly output: O;
  /**
   * Where a member `format` of the input asks for the answer as a document: the media type of each format. The answer has it as `text`, and
   * over HTTP that is the answer.
   */
  readonly documents?: Readonly<Record<string, MediaType>>;
}

export interface MediaType {
  readonly type: string;
  /** What a browser lets it do. */
  readonly policy?: string;
}

export interface Reads<I extends z.ZodObject, O extends z.ZodType> extends Described<I, O> {
  readonly kind: "read";
  readonly over: "reading";
  run(app: Reading, input: z.output<I>, caller: Caller): Promise<z.input<O>>;
}

export interface Asks<I extends z.ZodObject, O extends z.ZodType, K extends "read" | "write"> extends Described<I, O> {
  readonly kind: K;
  readonly over: "engine";
  /** Of one that writes: with this member of the input it does once what it is asked twice. */
  readonly repeatableBy?: Extract<keyof z.output<I>, string>;
  run(app: Application, input: z.output<I>, caller: Caller): Promise<z.input<O>>;
}

export interface Streams<I extends z.ZodObject, O extends z.ZodType, V extends "reading" | "engine"> extends Described<
  I,
  O
> {
  readonly kind: "stream";
  readonly over: V;
  /** Resolves when it listens: what happens from then on is in it. */
  run(
    app: V extends "reading" ? Reading : Application,
    input: z.output<I>,
    caller: Caller,
  ): Promise<AsyncIterable<z.input<O>>>;
}

/** Any of them, for doors: what comes in has been parsed by `input`, what goes out fits `output`. */
export type AnyOperation = AnyCallOperation | AnyStreamOperation;

export interface AnyCallOperation extends Described<z.ZodObject, z.ZodType> {
  readonly kind: "read" | "write";
  readonly over: "reading" | "engine";
  readonly repeatableBy?: string;
  run(app: Reading, input: unknown, caller: Caller): Promise<unknown>;
}

export interface AnyStreamOperation extends Described<z.ZodObject, z.ZodType> {
  readonly kind: "stream";
  readonly over: "reading" | "engine";
  run(app: Reading, input: unknown, caller: Caller): Promise<AsyncIterable<unknown>>;
}

/** Whether it does once what it is asked twice: one that changes nothing, or one whose input says how to tell. */
export function isRepeatable(operation: AnyOperation, input: unknown): boolean {
  if (operation.kind !== "write") return true;
  const { repeatableBy } = operation;
  return repeatableBy !== undefined && isJsonObject(input) && input[repeatableBy] !== undefined;
}

type Draft<T> = Omit<T, "kind" | "over">;

/** Answered from the store alone, also beside the process that holds it. */
export function reads<I extends z.ZodObject, O extends z.ZodType>(draft: Draft<Reads<I, O>>): Reads<I, O> {
  return { ...draft, kind: "read", over: "reading" };
}

/** Changes nothing, but only the engine knows the answer. */
export function asks<I extends z.ZodObject, O extends z.ZodType>(draft: Draft<Asks<I, O, "read">>): Asks<I, O, "read"> {
  return { ...draft, kind: "read", over: "engine" };
}

export function writes<I extends z.ZodObject, O extends z.ZodType>(
  draft: Draft<Asks<I, O, "write">>,
): Asks<I, O, "write"> {
  return { ...draft, kind: "write", over: "engine" };
}

/** Facts: lossless, resumable by position. */
export function streamsFacts<I extends z.ZodObject, O extends z.ZodType>(
  draft: Draft<Streams<I, O, "reading">>,
): Streams<I, O, "reading"> {
  return { ...draft, kind: "stream", over: "reading" };
}

/** What happens right now: lossy. */
export function streamsLive<I extends z.ZodObject, O extends z.ZodType>(
  draft: Draft<Streams<I, O, "engine">>,
): Streams<I, O, "engine"> {
  return { ...draft, kind: "stream", over: "engine" };
}
