import {
  Server,
  ServerCredentials,
  status as grpcStatus,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerWritableStream,
  type sendUnaryData,
} from "@grpc/grpc-js";
import serverFeatures from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_grpc_pb.js";
import features from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_pb.js";
import shared from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js";
import status from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/status_pb.js";
import streamsService from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_grpc_pb.js";
import streams from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js";
import any from "google-protobuf/google/protobuf/any_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { StandInLog, type Answer, type Expected, type ProposedEvent, type StoredEvent } from "./stand-in-log.ts";

// NOT EventStoreDB. A stand-in that speaks as much of its protocol as the adapter uses, so that the adapter is tried where no server
// can run: the real client talks to it over a real connection. What a real server does is tried by `npm run test:kurrent`.

type Proposed = streams.AppendReq.ProposedMessage | streams.BatchAppendReq.ProposedMessage;

/**
 * What is wrong with it: it takes everything and answers nothing; it writes appends and breaks the connection instead of
 * answering; it knows nobody's password.
 */
type Trouble = "frozen" | "loses-answers" | "denies";

/** Writes an append; undefined where nobody is to hear of it. */
type Append = (stream: string, expected: Expected, proposed: readonly ProposedEvent[]) => Answer | undefined;

export class StandIn implements AsyncDisposable {
  readonly log: StandInLog;
  trouble: Trouble | undefined;
  private server = new Server();
  port = 0;

  constructor(log = new StandInLog()) {
    this.log = log;
  }

  get url(): string {
    return `kurrentdb://127.0.0.1:${this.port}?tls=false`;
  }

  async listen(): Promise<this> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.server = new Server({ "grpc.max_receive_message_length": 4 * 1024 * 1024 });
    this.server.addService(serverFeatures.ServerFeaturesService, { getSupportedMethods: answerFeatures });
    const append: Append = (...asked) => this.append(...asked);
    this.server.addService(
      streamsService.StreamsService as never,
      {
        append: (
          call: ServerReadableStream<streams.AppendReq, streams.AppendResp>,
          answer: sendUnaryData<streams.AppendResp>,
        ) => this.denies(call) || takeAppend(append, call, answer),
        batchAppend: (call: ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>) =>
          this.denies(call) || takeBatches(append, call),
        read: (call: ServerWritableStream<streams.ReadReq, streams.ReadResp>) =>
          this.denies(call) || this.trouble === "frozen" || answerRead(this.log, call),
      } as never,
    );
    this.server.bindAsync(`127.0.0.1:${this.port}`, ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
    this.port = await promise;
    return this;
  }

  /** As when its process is killed: every connection breaks. What was appended stays. */
  kill(): void {
    this.server.forceShutdown();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
  }

  private append(...asked: Parameters<Append>): Answer | undefined {
    if (this.trouble === "frozen") return undefined;
    const answer = this.log.append(...asked);
    if (this.trouble !== "loses-answers") return answer;
    this.kill();
    return undefined;
  }

  private denies(call: Pick<ServerDuplexStream<unknown, unknown>, "emit">): boolean {
    if (this.trouble !== "denies") return false;
    call.emit("error", { code: grpcStatus.UNAUTHENTICATED, details: "no such user" });
    return true;
  }
}

function answerFeatures(_call: unknown, answer: sendUnaryData<features.SupportedMethods>): void {
  const names = ["append", "batchappend", "read"];
  const methods = names.map((name) =>
    new features.SupportedMethod().setServiceName("event_store.client.streams.streams").setMethodName(name),
  );
  answer(null, new features.SupportedMethods().setEventStoreServerVersion("24.2.0").setMethodsList(methods));
}

function takeAppend(
  append: Append,
  call: ServerReadableStream<streams.AppendReq, streams.AppendResp>,
  answer: sendUnaryData<streams.AppendResp>,
): void {
  let options: streams.AppendReq.Options | undefined;
  const proposed: ProposedEvent[] = [];
  call.on("data", (request: streams.AppendReq) => {
    options ??= request.getOptions();
    const message = request.getProposedMessage();
    if (message !== undefined) proposed.push(proposedOf(message));
  });
  call.on("end", () => {
    const expected: Expected = options?.hasNoStream() === true ? "no_stream" : Number(options?.getRevision());
    const result = append(nameOf(options?.getStreamIdentifier()), expected, proposed);
    if (result === undefined) return;
    const response = new streams.AppendResp();
    if (result.kind === "appended") {
      const position = new streams.AppendResp.Position()
        .setCommitPosition(`${result.position}`)
        .setPreparePosition(`${result.position}`);
      answer(
        null,
        response.setSuccess(
          new streams.AppendResp.Success().setCurrentRevision(`${result.revision}`).setPosition(position),
        ),
      );
    } else {
      const wrong = new streams.AppendResp.WrongExpectedVersion();
      if (result.current < 0) wrong.setCurrentNoStream(new shared.Empty());
      else wrong.setCurrentRevision(`${result.current}`);
      answer(null, response.setWrongExpectedVersion(wrong));
    }
  });
}

interface Batch {
  readonly options: streams.BatchAppendReq.Options | undefined;
  readonly proposed: ProposedEvent[];
}

function takeBatches(append: Append, call: ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>): void {
  const open = new Map<string, Batch>();
  call.on("data", (request: streams.BatchAppendReq) => {
    const correlation = request.getCorrelationId()?.getString() ?? "";
    const batch = open.get(correlation) ?? { options: request.getOptions(), proposed: [] };
    open.set(correlation, batch);
    batch.proposed.push(...request.getProposedMessagesList().map(proposedOf));
    if (!request.getIsFinal()) return;
    open.delete(correlation);
    const { options, proposed } = batch;
    const expected: Expected = options?.hasNoStream() === true ? "no_stream" : Number(options?.getStreamPosition());
    const result = append(nameOf(options?.getStreamIdentifier()), expected, proposed);
    if (result === undefined) return;
    const response = batchAnswer(result);
    call.write(
      response.setCorrelationId(request.getCorrelationId()).setStreamIdentifier(options?.getStreamIdentifier()),
    );
  });
  call.on("end", () => call.end());
  call.on("error", () => undefined);
}

function batchAnswer(result: Answer): streams.BatchAppendResp {
  const response = new streams.BatchAppendResp();
  if (result.kind === "appended") {
    const position = new shared.AllStreamPosition()
      .setCommitPosition(`${result.position}`)
      .setPreparePosition(`${result.position}`);
    return response.setSuccess(
      new streams.BatchAppendResp.Success().setCurrentRevision(`${result.revision}`).setPosition(position),
    );
  }
  const wrong = new shared.WrongExpectedVersion();
  if (result.current < 0) wrong.setCurrentNoStream(new empty.Empty());
  else wrong.setCurrentStreamRevision(`${result.current}`);
  const details = new any.Any();
  details.pack(wrong.serializeBinary(), "event_store.client.WrongExpectedVersion");
  return response.setError(new status.Status().setDetails(details));
}

function answerRead(log: StandInLog, call: ServerWritableStream<streams.ReadReq, streams.ReadResp>): void {
  const options = call.request.getOptions();
  if (options === undefined) return void call.end();
  if (options.hasSubscription()) return follow(log, options, call);
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

function inStream(events: readonly StoredEvent[], options: streams.ReadReq.Options): readonly StoredEvent[] {
  const from = options.getStream();
  const revision = Number(from?.getRevision());
  if (options.getReadDirection() === 0)
    return from?.hasStart() === true ? events : events.filter((event) => event.revision >= revision);
  // A real server gives nothing from behind the end of a stream.
  if (from?.hasEnd() !== true && revision >= events.length) return [];
  return events.filter((event) => from?.hasEnd() === true || event.revision <= revision).toReversed();
}

function inAll(events: readonly StoredEvent[], options: streams.ReadReq.Options): readonly StoredEvent[] {
  const all = options.getAll();
  const position = Number(all?.getPosition()?.getCommitPosition());
  const matching = events.filter(filterOf(options));
  if (options.getReadDirection() === 0)
    return all?.hasStart() === true ? matching : matching.filter((event) => event.position >= position);
  return matching.filter((event) => all?.hasEnd() === true || event.position < position).toReversed();
}

function follow(
  log: StandInLog,
  options: streams.ReadReq.Options,
  call: ServerWritableStream<streams.ReadReq, streams.ReadResp>,
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
  const push = (): void => {
    for (; next < log.events.length; next++) {
      const event = log.events[next];
      if (event !== undefined && isWanted(event)) call.write(responseOf(event));
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

function proposedOf(message: Proposed): ProposedEvent {
  const metadata = new Map<string, string>();
  message.getMetadataMap().forEach((value, key) => metadata.set(key, value));
  return {
    id: message.getId()?.getString() ?? "",
    metadata,
    customMetadata: message.getCustomMetadata_asU8(),
    data: message.getData_asU8(),
  };
}

function nameOf(identifier: shared.StreamIdentifier | undefined): string {
  return Buffer.from(identifier?.getStreamName_asU8() ?? []).toString("utf8");
}
