// A server on loopback that speaks what the packages of the AI SDK speak: OpenAI's chat completions, Anthropic's messages and
// Google's generateContent, streamed and whole. What it answers is a list, one entry a request.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { ModelSettings } from "#src/model/settings.ts";

export type Provider = ModelSettings["provider"];
export const PROVIDERS: readonly Provider[] = ["openai-compatible", "openai", "anthropic", "google"];

export type PeerAct =
  /** A whole answer, in pieces. */
  | { readonly text: string; readonly finish?: "stop" | "length" | "filter" }
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  /** Pieces without end. */
  | { readonly endless: string }
  /** Some text, then the connection breaks. */
  | { readonly breaksAfter: string }
  /** Some text, then the stream ends as if that were all. */
  | { readonly stopsAfter: string }
  | { readonly hangs: true }
  /** Some text, and the protocol's own way to say in the middle that it fails. */
  | { readonly failsAfter: string; readonly type: string; readonly message: string }
  | { readonly raw: string; readonly contentType?: string }
  /** Says back every header that it was sent. */
  | { readonly echo: true }
  /** OpenAI's own way to refuse. */
  | { readonly refusal: string };

interface PeerRequest {
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Peer {
  readonly requests: readonly PeerRequest[];
  /** Connections that were closed before their answer was whole. */
  readonly abandoned: () => number;
  settings(provider: Provider, more?: Partial<ModelSettings>): ModelSettings;
}

const PIECE_CHARS = 7;
const USAGE = { input: 11, output: 5 };

/** Ends with the test. */
export async function peer(acts: readonly PeerAct[]): Promise<Peer> {
  const requests: PeerRequest[] = [];
  let abandoned = 0;
  const server = createServer((request, response) => {
    response.on("close", () => {
      if (!response.writableFinished) abandoned++;
    });
    void bodyOf(request).then((text) => {
      const body: PeerRequest["body"] = JSON.parse(text);
      const asked = { url: request.url ?? "", headers: request.headers, body };
      requests.push(asked);
      const act = acts[requests.length - 1] ?? {
        status: 500,
        body: { error: { message: "the peer expects no more" } },
      };
      play(act, asked, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return {
    requests,
    abandoned: () => abandoned,
    settings: (provider, more = {}) => ({
      provider,
      model: "tiny",
      baseUrl: `http://127.0.0.1:${port}/v1`,
      key: { $secret: "MODEL_KEY" },
      ...more,
    }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) if (chunk instanceof Uint8Array) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function play(act: PeerAct, asked: PeerRequest, response: ServerResponse): void {
  if ("hangs" in act) return;
  if ("status" in act) {
    const body = act.body ?? { error: { message: `status ${act.status}`, type: "some_error" } };
    response.writeHead(act.status, { "content-type": "application/json", ...act.headers });
    response.end(JSON.stringify(body));
  } else if ("raw" in act) {
    response.writeHead(200, { "content-type": act.contentType ?? "text/event-stream" });
    response.end(act.raw);
  } else if (isWhole(asked)) {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(wireOf(asked).whole(saidIn(act, asked), finishOf(act))));
  } else {
    response.writeHead(200, { "content-type": "text/event-stream" });
    stream(act, asked, response);
  }
}

type StreamedAct = Exclude<PeerAct, { hangs: true } | { status: number } | { raw: string }>;

function stream(act: StreamedAct, asked: PeerRequest, response: ServerResponse): void {
  const wire = wireOf(asked);
  const say = (events: readonly unknown[]): void => void response.write(events.map(wire.event).join(""));
  say(wire.begin());
  if ("endless" in act) {
    endless(act.endless, wire, response);
    return;
  }
  const text = saidIn(act, asked);
  for (let from = 0; from < text.length; from += PIECE_CHARS) say(wire.delta(text.slice(from, from + PIECE_CHARS)));
  if ("breaksAfter" in act) {
    // What was written goes out first.
    response.write("", () => response.destroy());
    return;
  }
  say(lastOf(act, wire));
  response.end(wire.last);
}

function lastOf(act: StreamedAct, wire: Wire): readonly unknown[] {
  if ("stopsAfter" in act) return [];
  if ("failsAfter" in act) return wire.failure(act.type, act.message);
  const refused = "refusal" in act ? [openaiChunk({ refusal: act.refusal })] : [];
  return [...refused, ...wire.end(finishOf(act))];
}

function saidIn(act: StreamedAct, { headers }: PeerRequest): string {
  if ("text" in act) return act.text;
  if ("echo" in act) return JSON.stringify(headers);
  if ("breaksAfter" in act) return act.breaksAfter;
  if ("stopsAfter" in act) return act.stopsAfter;
  return "failsAfter" in act ? act.failsAfter : "";
}

function finishOf(act: StreamedAct): Finish {
  return "finish" in act ? (act.finish ?? "stop") : "stop";
}

function endless(piece: string, wire: Wire, response: ServerResponse): void {
  const more = (): void => {
    while (!response.destroyed) {
      const text = wire.delta(piece).map(wire.event).join("");
      if (!response.write(text)) break;
    }
    if (!response.destroyed) response.once("drain", more);
  };
  more();
}

function isWhole({ url, body }: PeerRequest): boolean {
  return url.includes(":generateContent") || (!url.includes("Generate") && body["stream"] !== true);
}

type Finish = "stop" | "length" | "filter";

interface Wire {
  readonly last: string;
  event(event: unknown): string;
  begin(): readonly unknown[];
  delta(text: string): readonly unknown[];
  end(finish: Finish): readonly unknown[];
  failure(type: string, message: string): readonly unknown[];
  whole(text: string, finish: Finish): unknown;
}

function wireOf({ url, body }: PeerRequest): Wire {
  if (url.includes("/chat/completions")) return OPENAI;
  if (!url.includes("/messages")) return GOOGLE;
  // Models without a mode for JSON are given a tool to answer by.
  return body["tools"] === undefined ? ANTHROPIC : ANTHROPIC_BY_TOOL;
}

const data = (event: unknown): string => `data: ${JSON.stringify(event)}\n\n`;

const OPENAI_FINISH = { stop: "stop", length: "length", filter: "content_filter" };
const openaiUsage = { prompt_tokens: USAGE.input, completion_tokens: USAGE.output, total_tokens: 16 };
const openaiChunk = (delta: object, finish_reason: string | null = null) => ({
  id: "1",
  object: "chat.completion.chunk",
  created: 1,
  model: "tiny-1",
  choices: [{ index: 0, delta, finish_reason }],
});

const OPENAI: Wire = {
  last: "data: [DONE]\n\n",
  event: data,
  begin: () => [openaiChunk({ role: "assistant", content: "" })],
  delta: (content) => [openaiChunk({ content })],
  end: (finish) => [{ ...openaiChunk({}, OPENAI_FINISH[finish]), usage: openaiUsage }],
  failure: (type, message) => [{ error: { message, type, code: null, param: null } }],
  whole: (content, finish) => ({
    id: "1",
    created: 1,
    model: "tiny-1",
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: OPENAI_FINISH[finish] }],
    usage: openaiUsage,
  }),
};

const ANTHROPIC_FINISH = { stop: "end_turn", length: "max_tokens", filter: "refusal" };
const anthropicUsage = { input_tokens: USAGE.input, output_tokens: USAGE.output };

const ANTHROPIC: Wire = {
  last: "",
  event: (event) => `event: ${(event as { type: string }).type}\n${data(event)}`,
  begin: () => [
    {
      type: "message_start",
      message: {
        ...{ id: "m1", type: "message", role: "assistant", model: "tiny-1", content: [], stop_reason: null },
        usage: { input_tokens: USAGE.input, output_tokens: 1 },
      },
    },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  ],
  delta: (text) => [{ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }],
  end: (finish) => [
    { type: "content_block_stop", index: 0 },
    {
      type: "message_delta",
      delta: { stop_reason: ANTHROPIC_FINISH[finish], stop_sequence: null },
      usage: { output_tokens: USAGE.output },
    },
    { type: "message_stop" },
  ],
  failure: (type, message) => [{ type: "error", error: { type, message } }],
  whole: (text, finish) => ({
    ...{ id: "m1", type: "message", role: "assistant", model: "tiny-1", content: [{ type: "text", text }] },
    ...{ stop_reason: ANTHROPIC_FINISH[finish], stop_sequence: null, usage: anthropicUsage },
  }),
};

const ANTHROPIC_BY_TOOL: Wire = {
  ...ANTHROPIC,
  begin: () => [
    ...ANTHROPIC.begin().slice(0, 1),
    { type: "content_block_start", index: 0, content_block: { type: "tool_use", id: "t1", name: "json", input: {} } },
  ],
  delta: (partial_json) => [
    { type: "content_block_delta", index: 0, delta: { type: "input_json_delta", partial_json } },
  ],
  end: (finish) => [
    { type: "content_block_stop", index: 0 },
    {
      type: "message_delta",
      delta: { stop_reason: finish === "stop" ? "tool_use" : ANTHROPIC_FINISH[finish], stop_sequence: null },
      usage: { output_tokens: USAGE.output },
    },
    { type: "message_stop" },
  ],
};

const GOOGLE_FINISH = { stop: "STOP", length: "MAX_TOKENS", filter: "SAFETY" };
const googleUsage = { promptTokenCount: USAGE.input, candidatesTokenCount: USAGE.output, totalTokenCount: 16 };
const googleChunk = (text: string, more: object = {}) => ({
  candidates: [{ content: { role: "model", parts: text === "" ? [] : [{ text }] }, index: 0, ...more }],
  modelVersion: "tiny-1",
});

const GOOGLE: Wire = {
  last: "",
  event: data,
  begin: () => [],
  delta: (text) => [googleChunk(text)],
  end: (finish) => [{ ...googleChunk("", { finishReason: GOOGLE_FINISH[finish] }), usageMetadata: googleUsage }],
  failure: (status, message) => [{ error: { code: 503, message, status } }],
  whole: (text, finish) => ({
    ...googleChunk(text, { finishReason: GOOGLE_FINISH[finish] }),
    usageMetadata: googleUsage,
  }),
};
