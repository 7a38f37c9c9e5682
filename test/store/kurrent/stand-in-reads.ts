import { status as grpcStatus, type ServerWritableStream } from "@grpc/grpc-js";
import shared from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js";
import streams from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js";
import type { StandInLog, StoredEvent } from "./stand-in-log.ts";

// How the stand-in reads: streams and the whole log, both ways, filtered, and live.

const { FORWARDS } = streams.ReadReq.Options.ReadDirection;

/** Answers a read, or begins a subscription that goes on until it is cancelled. */
export function answerRead(
  log: StandInLog,
  call: ServerWritableStream<streams.ReadReq, streams.ReadResp>,
  { dropsAfter }: { readonly dropsAfter: number },
): void {
  const options = call.request.getOptions();
  if (options === undefined) return void call.end();
  if (isInvalid(log, options.getAll()?.getPosition())) {
    call.emit("error", { code: grpcStatus.INVALID_ARGUMENT, details: "Trying to read from an invalid position." });
    return;
  }
  if (options.hasSubscription()) {
    follow(log, call, { options, dropsAfter });
    return;
  }
  answerOnce(log, options, call);
}

function answerOnce(
  log: StandInLog,
  options: streams.ReadReq.Options,
  call: ServerWritableStream<streams.ReadReq, streams.ReadResp>,
): void {
  const name = nameOf(options.getStream()?.getStreamIdentifier());
  if (options.hasStream() && log.stream(name).length === 0) {
    const missing = new streams.ReadResp.StreamNotFound().setStreamIdentifier(
      options.getStream()?.getStreamIdentifier(),
    );
    call.write(new streams.ReadResp().setStreamNotFound(missing));
    return void call.end();
  }
  const wanted = options.hasStream() ? inStream(log.stream(name), options) : inAll(log.events, options);
  for (const event of wanted.slice(0, Number(options.getCount()))) call.write(responseOf(event));
  call.end();
}

/** As the server: a place before the end at which no event begins. */
function isInvalid(log: StandInLog, position: streams.ReadReq.Options.Position | undefined): boolean {
  const at = position === undefined ? 0 : Number(position.getCommitPosition());
  return at > 0 && at < (log.events.at(-1)?.position ?? 0) && !log.events.some((event) => event.position === at);
}

function inStream(events: readonly StoredEvent[], options: streams.ReadReq.Options): readonly StoredEvent[] {
  const from = options.getStream();
  const revision = Number(from?.getRevision());
  if (options.getReadDirection() === FORWARDS)
    return from?.hasStart() === true ? events : events.filter((event) => event.revision >= revision);
  // A real server gives nothing from behind the end of a stream.
  if (from?.hasEnd() !== true && revision >= events.length) return [];
  return events.filter((event) => from?.hasEnd() === true || event.revision <= revision).toReversed();
}

function inAll(events: readonly StoredEvent[], options: streams.ReadReq.Options): readonly StoredEvent[] {
  const all = options.getAll();
  const position = Number(all?.getPosition()?.getCommitPosition());
  const matching = events.filter(filterOf(options));
  if (options.getReadDirection() === FORWARDS)
    return all?.hasStart() === true ? matching : matching.filter((event) => event.position >= position);
  return matching.filter((event) => all?.hasEnd() === true || event.position < position).toReversed();
}

function follow(
  log: StandInLog,
  call: ServerWritableStream<streams.ReadReq, streams.ReadResp>,
  { options, dropsAfter }: { readonly options: streams.ReadReq.Options; readonly dropsAfter: number },
): void {
  const position = options.getAll()?.getPosition();
  const after = position === undefined ? -1 : Number(position.getCommitPosition());
  const isWanted = filterOf(options);
  let next = log.events.findIndex((event) => event.position > after);
  if (next < 0) next = log.events.length;
  call.write(
    new streams.ReadResp().setConfirmation(
      new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId("stand-in"),
    ),
  );
  let sent = 0;
  const push = (): void => {
    for (; next < log.events.length; next++) {
      const event = log.events[next];
      if (event === undefined || !isWanted(event)) continue;
      if (++sent > dropsAfter) {
        listening[Symbol.dispose]();
        call.emit("error", { code: grpcStatus.ABORTED, details: "Consumer too slow" });
        return;
      }
      call.write(responseOf(event));
    }
  };
  const listening = log.onAppend(push);
  call.on("cancelled", () => {
    listening[Symbol.dispose]();
    call.end();
  });
  push();
}

function filterOf(options: streams.ReadReq.Options): (event: StoredEvent) => boolean {
  const filter = options.getFilter();
  if (filter === undefined) return () => true;
  const expression = filter.getStreamIdentifier() ?? filter.getEventType();
  const regex = expression?.getRegex() ?? "";
  const prefixes = expression?.getPrefixList() ?? [];
  const textOf = (event: StoredEvent): string =>
    filter.hasStreamIdentifier() ? event.stream : (event.metadata.get("type") ?? "");
  if (regex !== "") return (event) => new RegExp(regex).test(textOf(event));
  return (event) => prefixes.some((prefix) => textOf(event).startsWith(prefix));
}

function responseOf(event: StoredEvent): streams.ReadResp {
  const recorded = new streams.ReadResp.ReadEvent.RecordedEvent()
    .setId(new shared.UUID().setString(event.id))
    .setStreamIdentifier(new shared.StreamIdentifier().setStreamName(Buffer.from(event.stream).toString("base64")))
    .setStreamRevision(`${event.revision}`)
    .setPreparePosition(`${event.position}`)
    .setCommitPosition(`${event.position}`)
    .setCustomMetadata(event.customMetadata)
    .setData(event.data);
  for (const [key, value] of event.metadata) recorded.getMetadataMap().set(key, value);
  recorded.getMetadataMap().set("created", "638000000000000000");
  return new streams.ReadResp().setEvent(
    new streams.ReadResp.ReadEvent().setEvent(recorded).setCommitPosition(`${event.position}`),
  );
}

export function nameOf(identifier: shared.StreamIdentifier | undefined): string {
  return Buffer.from(identifier?.getStreamName_asU8() ?? []).toString("utf8");
}
