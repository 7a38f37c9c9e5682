import { httpExchange } from "#src/tools/builtin/http-exchange.ts";
import { ToolFailure, type ToolContext } from "#src/tools/define.ts";
import type { Check } from "./check.ts";
import { broken, met, unmet, type Found } from "./found.ts";
import { linePattern } from "./pattern-text.ts";
import type { Place } from "./place.ts";

// A probe of an address. It goes where the http tools may go and nowhere else: private addresses need the grant. That nobody answers is an
// answer (no); that nobody answers in time, or that the address may not be asked, is none.

const MAX_BODY_BYTES = 1024 * 1024;

type HttpCheck = Extract<Check, { kind: "http" }>;

/** Codes: `check-timeout`, `private-address`, `bad-url`, `body-too-large`, `bad-pattern`. */
export async function askHttp(check: HttpCheck, { context }: Place): Promise<Found> {
  const { url, method, status: wanted, body, timeoutMs } = check;
  const pattern = body === undefined ? undefined : linePattern(body);
  if (pattern?.ok === false) return broken("bad-pattern", { text: `${JSON.stringify(body)}: ${pattern.message}` });
  using limited = new Limited(context, timeoutMs);
  try {
    const answer = await httpExchange({ url, method, headers: {}, maxBytes: MAX_BODY_BYTES }, limited.context);
    if (answer.status !== wanted) return unmet({ text: `${url} answered ${answer.status}, not ${wanted}` });
    if (pattern?.ok === true && pattern.find(answer.body.toString()) === undefined)
      return unmet({ text: `the answer of ${url} has no match of ${JSON.stringify(body)}` });
    return met({ text: `${url} answered ${answer.status}` });
  } catch (error) {
    context.signal.throwIfAborted();
    if (limited.isOver) return broken("check-timeout", { text: `${url} did not answer within ${timeoutMs} ms` });
    return failed(check, error);
  }
}

function failed({ url, status: wanted, body }: HttpCheck, error: unknown): Found {
  if (!(error instanceof ToolFailure)) {
    return unmet({ text: `${url} does not answer: ${error instanceof Error ? error.message : String(error)}` });
  }
  const status = /^http-(\d{3})$/u.exec(error.code)?.[1];
  if (status === undefined) return broken(error.code, { text: error.message });
  if (Number(status) !== wanted) return unmet({ text: `${url} answered ${status}, not ${wanted}` });
  return body === undefined
    ? met({ text: `${url} answered ${status}` })
    : broken("http-body", { text: `the body of an answer ${status} is not looked into` });
}

/** The context with an end of its own. */
class Limited implements Disposable {
  readonly context: ToolContext;
  isOver = false;
  readonly #timer: Disposable;

  constructor(context: ToolContext, timeoutMs: number) {
    const over = new AbortController();
    this.context = { ...context, signal: AbortSignal.any([context.signal, over.signal]) };
    this.#timer = context.clock.after(timeoutMs, () => {
      this.isOver = true;
      over.abort(new Error("check-timeout"));
    });
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }
}
