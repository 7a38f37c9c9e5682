import { BlottedStream } from "#src/model/blotted-stream.ts";
import { boundedFetch, endlessAnswer } from "#src/model/bounded-fetch.ts";
import { failed, failureOf, isRefusal } from "#src/model/failures.ts";
import { keyAt } from "#src/model/key.ts";
import { loadSdk } from "#src/model/packages.ts";
import { optionsFor, providerModel, type ProviderModel } from "#src/model/provider.ts";
import type { ModelSettings } from "#src/model/settings.ts";
import { estimatedTokens, promptTokens } from "#src/model/token-estimate.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Model, ModelAnswer, ModelCall, ModelFailure, ModelRequest, ModelUsage } from "#src/ports/model.ts";
import type { Secrets } from "#src/ports/secrets.ts";
import { blotOutText, MIN_REDACTED_CHARS } from "#src/tools/redaction.ts";

// A model behind the AI SDK: one request, one stream, one answer.
//
// A1. The packages try nothing again by themselves, write nothing to the console, and are told nothing of tools.
// A2. Whatever ends an answer early ends its connection: the abort of this exchange is the only owner of it.
// A3. The key is blotted out of the answer and of every failure: a server may say back what it was sent.

export interface AdapterDeps {
  readonly secrets: Secrets;
  readonly clock: Clock;
}

/** Text beyond what was allowed is a server that does not count; a token is seldom longer than this. */
const MAX_CHARS_PER_TOKEN = 32;
const SPARE_CHARS = 4_096;
const MAX_ANSWER_CHARS = 8 * 1_024 * 1_024;

/** What a token may be wrapped in on its way. */
const MAX_BYTES_PER_TOKEN = 2_048;
const SPARE_BYTES = 1_024 * 1_024;
const MAX_STREAM_BYTES = 64 * 1_024 * 1_024;

export function languageModel(settings: ModelSettings, deps: AdapterDeps): Model {
  const { provider, model, structured = "schema" } = settings;
  return {
    name: `${provider}/${model}`,
    form: structured,
    generate: async (request, call) => {
      call.signal.throwIfAborted();
      const { key: place } = settings;
      const key = place === undefined ? undefined : await keyAt(place, deps.secrets, call.signal);
      return new Exchange({ settings, key, request, call, clock: deps.clock }).run();
    },
  };
}

interface ExchangeParts {
  readonly settings: ModelSettings;
  readonly key: string | undefined;
  readonly request: ModelRequest;
  readonly call: ModelCall;
  readonly clock: Clock;
}

type Sdk = Awaited<ReturnType<typeof loadSdk>>;
type StreamPart = ReturnType<Sdk["streamText"]>["stream"] extends AsyncIterable<infer Part> ? Part : never;

interface Way {
  readonly sdk: Sdk;
  readonly model: ProviderModel;
}

class Exchange {
  private readonly parts: ExchangeParts;
  private readonly secrets: ReadonlySet<string>;
  private readonly blotted: BlottedStream;
  private readonly maxChars: number;
  private text = "";
  private error: unknown;
  private finish: string | undefined;
  private model: string;
  private counted: { readonly input: number | undefined; readonly output: number | undefined } | undefined;

  constructor(parts: ExchangeParts) {
    const { key, call, settings, request } = parts;
    this.parts = parts;
    this.model = settings.model;
    this.secrets = new Set(key === undefined || key.length < MIN_REDACTED_CHARS ? [] : [key]);
    this.blotted = new BlottedStream(this.secrets, (piece) => call.onText?.(piece));
    this.maxChars = Math.min(request.maxOutputTokens * MAX_CHARS_PER_TOKEN + SPARE_CHARS, MAX_ANSWER_CHARS);
  }

  async run(): Promise<ModelAnswer> {
    const { call, settings } = this.parts;
    const way = { sdk: await loadSdk(settings.provider), model: await this.provided() };
    const ending = new AbortController();
    const onAbort = (): void => ending.abort(call.signal.reason);
    call.signal.addEventListener("abort", onAbort, { once: true });
    try {
      for await (const part of this.stream(way, ending.signal)) this.take(part);
    } catch (error) {
      this.error ??= error;
    } finally {
      call.signal.removeEventListener("abort", onAbort);
      ending.abort();
    }
    call.signal.throwIfAborted();
    return this.answer();
  }

  private provided(): Promise<ProviderModel> {
    const { settings, key, request } = this.parts;
    const maxBytes = Math.min(request.maxOutputTokens * MAX_BYTES_PER_TOKEN + SPARE_BYTES, MAX_STREAM_BYTES);
    return providerModel({ settings, key, fetch: boundedFetch(maxBytes) });
  }

  private stream({ sdk, model }: Way, signal: AbortSignal): AsyncIterable<StreamPart> {
    const { settings, request } = this.parts;
    const { stream } = sdk.streamText({
      model: inForm(sdk, settings.stream === false ? whole(sdk, model) : model, request),
      messages: request.messages.map(({ role, text }) => ({ role, content: text })),
      allowSystemInMessages: true,
      maxOutputTokens: request.maxOutputTokens,
      ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
      maxRetries: 0,
      abortSignal: signal,
      providerOptions: optionsFor(request.form?.schema),
      // It would print them.
      onError: () => undefined,
    });
    return stream;
  }

  private take(part: StreamPart): void {
    if (part.type === "text-delta") {
      this.text += part.text;
      this.blotted.push(part.text);
      if (this.text.length > this.maxChars) throw endlessAnswer(`it has ${this.text.length} characters`);
    } else if (part.type === "finish-step") {
      this.finish = part.finishReason;
      this.model = part.response.modelId;
      this.counted = { input: part.usage.inputTokens, output: part.usage.outputTokens };
    } else if (part.type === "error") this.error ??= part.error;
  }

  private answer(): ModelAnswer {
    this.blotted.end();
    const usage = this.usage();
    const failure = this.failure();
    if (failure !== undefined) return { ok: false, failure: this.withoutKey(failure), usage };
    const text = blotOutText(this.text, this.secrets);
    const model = blotOutText(this.model, this.secrets);
    return { ok: true, text, usage, model, finish: this.finish === "length" ? "length" : "stop" };
  }

  private failure(): ModelFailure | undefined {
    if (this.error !== undefined) return failureOf(this.error, this.parts.clock.now());
    if (this.finish === "content-filter") {
      return failed("permission", "model-refused", `the model does not answer this${this.saidSoFar()}`);
    }
    if (this.finish !== "stop" && this.finish !== "length") {
      return failed("unavailable", "model-answer-interrupted", "the model's answer broke off");
    }
    if (this.text.trim() !== "") return undefined;
    return failed("unavailable", "model-answer-empty", "the model has answered nothing");
  }

  private saidSoFar(): string {
    const said = this.text.trim();
    return said === "" ? "" : `: ${said}`;
  }

  private withoutKey(failure: ModelFailure): ModelFailure {
    return { ...failure, message: blotOutText(failure.message, this.secrets) };
  }

  private usage(): ModelUsage {
    const { input, output } = this.counted ?? {};
    if (this.text === "" && isRefusal(this.error)) return { inputTokens: 0, outputTokens: 0, isEstimated: false };
    return {
      inputTokens: input ?? promptTokens(this.parts.request),
      outputTokens: output ?? estimatedTokens(this.text),
      isEstimated: input === undefined || output === undefined,
    };
  }
}

/** The form of the answer, and no warnings: what a model cannot do shows in its answer. */
function inForm({ wrapLanguageModel }: Sdk, model: ProviderModel, { form }: ModelRequest): ProviderModel {
  return wrapLanguageModel({
    model,
    middleware: {
      transformParams: async ({ params }) => {
        if (form === undefined) return params;
        const { schema } = form;
        return { ...params, responseFormat: { type: "json", ...(schema === undefined ? {} : { schema }) } };
      },
      wrapStream: async ({ doStream }) => {
        const { stream, ...rest } = await doStream();
        return { ...rest, stream: stream.pipeThrough(withoutWarnings()) };
      },
    },
  });
}

/** Of a server that gives whole answers. */
function whole({ simulateStreamingMiddleware, wrapLanguageModel }: Sdk, model: ProviderModel): ProviderModel {
  return wrapLanguageModel({ model, middleware: simulateStreamingMiddleware() });
}

type InnerPart = { readonly type: string };

function withoutWarnings<Part extends InnerPart>(): TransformStream<Part, Part> {
  return new TransformStream({
    transform: (part, controller) => {
      controller.enqueue(part.type === "stream-start" ? { ...part, warnings: [] } : part);
    },
  });
}
