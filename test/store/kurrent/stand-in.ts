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
import { systemClock } from "#src/ports/system/clock.ts";
import { StandInLog, type Answer, type Expected, type ProposedEvent } from "./stand-in-log.ts";
import { answerRead, nameOf } from "./stand-in-reads.ts";

// NOT EventStoreDB. A stand-in that speaks as much of its protocol as the adapter uses, so that the adapter is tried where no server
// can run: the real client talks to it over a real connection. What a real server does is tried by `npm run test:kurrent`.

type Proposed = streams.AppendReq.ProposedMessage | streams.BatchAppendReq.ProposedMessage;

/**
 * What is wrong with it: it takes everything and answers nothing; it writes appends and breaks the connection instead of
 * answering; it knows nobody's password; it ends a subscription after its first event, as 23.10 does to one that is slow.
 */
type Trouble = "frozen" | "loses-answers" | "denies" | "drops-slow-readers";

/** Writes an append; undefined where nobody is to hear of it. */
type Append = (stream: string, expected: Expected, proposed: readonly ProposedEvent[]) => Answer | undefined;

interface Writer {
  readonly append: Append;
  /** When the disk has come so far. */
  readonly later: (act: () => void) => void;
}

export class StandIn implements AsyncDisposable {
  readonly log: StandInLog;
  trouble: Trouble | undefined;
  /** Certificate and key, for TLS. */
  tls: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  /** Whom it serves, as `USER:PASSWORD`; default: everybody. */
  serves: string | undefined;
  /** How long its disk takes for an append, in ms. */
  slowMs = 0;
  private server = new Server();
  port = 0;

  constructor(log = new StandInLog()) {
    this.log = log;
  }

  get url(): string {
    return `kurrentdb://127.0.0.1:${this.port}?tls=${this.tls !== undefined}`;
  }

  async listen(): Promise<this> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.server = new Server({ "grpc.max_receive_message_length": 4 * 1024 * 1024 });
    this.server.addService(serverFeatures.ServerFeaturesService, { getSupportedMethods: answerFeatures });
    const later: Writer["later"] = (act) => (this.slowMs === 0 ? act() : void systemClock.after(this.slowMs, act));
    const writer: Writer = { append: (...asked) => this.append(...asked), later };
    this.server.addService(streamsService.StreamsService, {
      append: (
        call: ServerReadableStream<streams.AppendReq, streams.AppendResp>,
        answer: sendUnaryData<streams.AppendResp>,
      ) => this.denies(call) || takeAppend(writer, call, answer),
      batchAppend: (call: ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>) =>
        this.denies(call) || takeBatches(writer, call),
      read: (call: ServerWritableStream<streams.ReadReq, streams.ReadResp>) =>
        this.denies(call) ||
        this.trouble === "frozen" ||
        answerRead(this.log, call, { dropsAfter: this.trouble === "drops-slow-readers" ? 1 : Infinity }),
    });
    const { tls } = this;
    const credentials =
      tls === undefined
        ? ServerCredentials.createInsecure()
        : ServerCredentials.createSsl(null, [{ private_key: tls.key, cert_chain: tls.cert }]);
    this.server.bindAsync(`127.0.0.1:${this.port}`, credentials, (error, port) =>
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

  private denies(call: Pick<ServerDuplexStream<unknown, unknown>, "emit" | "metadata">): boolean {
    const [given = ""] = call.metadata.get("authorization");
    const isKnown = this.serves === undefined || given.toString() === `Basic ${btoa(this.serves)}`;
    if (this.trouble !== "denies" && isKnown) return false;
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
  { append, later }: Writer,
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
  const write = (): void => {
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
  };
  call.on("end", () => later(write));
}

interface Batch {
  readonly options: streams.BatchAppendReq.Options | undefined;
  readonly proposed: ProposedEvent[];
}

function takeBatches(
  { append, later }: Writer,
  call: ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>,
): void {
  const open = new Map<string, Batch>();
  call.on("data", (request: streams.BatchAppendReq) => {
    const correlation = request.getCorrelationId()?.getString() ?? "";
    const batch = open.get(correlation) ?? { options: request.getOptions(), proposed: [] };
    open.set(correlation, batch);
    batch.proposed.push(...request.getProposedMessagesList().map(proposedOf));
    if (!request.getIsFinal()) return;
    open.delete(correlation);
    later(() => {
      const response = appended(append, batch);
      if (response !== undefined) call.write(response.setCorrelationId(request.getCorrelationId()));
    });
  });
  call.on("end", () => call.end());
  call.on("error", () => undefined);
}

function appended(append: Append, { options, proposed }: Batch): streams.BatchAppendResp | undefined {
  const stream = options?.getStreamIdentifier();
  const expected: Expected = options?.hasNoStream() === true ? "no_stream" : Number(options?.getStreamPosition());
  const result = append(nameOf(stream), expected, proposed);
  return result === undefined ? undefined : batchAnswer(result).setStreamIdentifier(stream);
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
