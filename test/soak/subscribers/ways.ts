import { get, type IncomingMessage } from "node:http";
import { serverEvents } from "#src/client/event-reader.ts";
import type { RecordedFact } from "#src/client/folded-plan.ts";
import { connectPlanwright } from "#src/compose.ts";
import { Breach } from "../../crash/breach.ts";
import type { Open } from "./subscriber.ts";

// The two ways to facts: server-sent events as a browser takes them, and the local socket as the command line does.

/** What a process says that is just ending. */
const STOPPING = 503;

/** W3C's EventSource: what broke goes on behind `Last-Event-ID`. */
export const overHttp: Open = async function* ({ url }, { after, plan }, signal) {
  const at = new URL("/v1/events", url);
  if (plan !== undefined) at.searchParams.set("plan", plan);
  const response = await answerOf(at, { after, signal });
  try {
    if (response.statusCode === STOPPING) return;
    if (response.statusCode !== 200)
      throw new Breach("subscription", `${at.pathname} was answered ${response.statusCode}`);
    for await (const { event, data } of serverEvents(response)) {
      if (event === "fact") yield JSON.parse(data) as RecordedFact;
    }
  } finally {
    response.destroy();
  }
};

export const overSocket: Open = async function* ({ store }, { after, plan }, signal) {
  using client = await connectPlanwright({ store });
  yield* client.events({ after, ...(plan === undefined ? {} : { plan }) }, { signal });
};

interface Resumed {
  readonly after: number;
  readonly signal: AbortSignal;
}

function answerOf(at: URL, { after, signal }: Resumed): Promise<IncomingMessage> {
  const headers = after < 0 ? {} : { "last-event-id": String(after) };
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  get(at, { headers, signal, agent: false }, resolve).on("error", reject);
  return promise;
}
