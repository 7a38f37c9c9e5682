import type { JsonObject } from "#events/json.ts";

// The third kind of no: broken infrastructure or a broken invariant. It is thrown, never returned, and told apart by
// its stable code, never by class or message text (a message is for people and may change).

export interface FaultOptions {
  /** Whether the same call may succeed later without anybody changing anything. */
  readonly retryable?: boolean;
  readonly details?: JsonObject;
  readonly cause?: unknown;
}

export class Fault<Code extends string = string> extends Error {
  readonly code: Code;
  readonly retryable: boolean;
  readonly details: JsonObject;

  constructor(code: Code, message: string, options: FaultOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "Fault";
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.details = options.details ?? {};
  }

  static is<Code extends string>(error: unknown, code: Code): error is Fault<Code> {
    return error instanceof Fault && error.code === code;
  }
}
