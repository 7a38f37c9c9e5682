// Every subject, in one table, and how ids become parts of them. docs/nats.md shows the same table, which a test compares.
//
// S1. An id `NAME.INCARNATION` becomes two tokens, NAME and INCARNATION, so that a permission can name all incarnations of one
//     process: `planwright.default.report.*.NAME.*`. An id without a dot has the incarnation `-`.
// S2. A token is `[A-Za-z0-9_-]+`; every other byte of an id's UTF-8 is `=` and two digits of hex, nothing is `=`. The first dot of an id divides it.
// S3. Who sends is in the subject, where the server can hold it against the user's permissions; a receiver drops a message that
//     says something else about its sender than its subject does.

type Peer = "coordinator" | "executor" | "client";

export interface SubjectRow {
  /** Below `planwright.NAMESPACE.`; words in capitals stand for tokens, EXECUTOR, COORDINATOR and SENDER for two of them (S1). */
  readonly subject: string;
  readonly from: Peer;
  readonly to: Peer;
  /** What is in the payload, by the name of its schema in docs/nats.md. */
  readonly payload: string;
  readonly use: string;
}

export const SUBJECTS = [
  {
    subject: "command.EXECUTOR",
    from: "coordinator",
    to: "executor",
    payload: "ExecutorMessage",
    use: "runs, cancels and acknowledges attempts of one executor, and greets it",
  },
  {
    subject: "commands",
    from: "coordinator",
    to: "executor",
    payload: "ExecutorMessage",
    use: "greets every executor there is",
  },
  {
    subject: "offer.COORDINATOR.EXECUTOR",
    from: "executor",
    to: "coordinator",
    payload: "Offer",
    use: "lends slots to one coordinator",
  },
  {
    subject: "pulse.EXECUTOR",
    from: "executor",
    to: "coordinator",
    payload: "Pulse",
    use: "says that the executor is there, or that it goes",
  },
  {
    subject: "report.PARTITION.EXECUTOR",
    from: "executor",
    to: "coordinator",
    payload: "Report",
    use: "tells the owner of the plan's partition (two digits of hex) how an attempt ended",
  },
  {
    subject: "live.PLAN.EXECUTOR",
    from: "executor",
    to: "coordinator",
    payload: "LiveMessage",
    use: "progress and log lines of an attempt as it runs",
  },
  {
    subject: "parcel.SENDER.DIGEST",
    from: "coordinator",
    to: "executor",
    payload: "number of the part, as text; answered by its bytes",
    use: "fetches a message over the server's limit from who sent it, in parts; also from executor to coordinator",
  },
  {
    subject: "call.PRINCIPAL",
    from: "client",
    to: "coordinator",
    payload: "CallRequest",
    use: "asks any coordinator, in the name of the principal `nats:PRINCIPAL`; frames come to the reply subject",
  },
  {
    subject: "owner.PARTITION",
    from: "coordinator",
    to: "coordinator",
    payload: "CallRequest",
    use: "asks the owner of a partition, in the name of the principal that the request says",
  },
  {
    subject: "control.CALLED",
    from: "client",
    to: "coordinator",
    payload: "CallControl",
    use: "says what was taken of an answer, or that no more is wanted; each frame has it as its reply subject",
  },
  {
    subject: "request.PRINCIPAL.REQUEST",
    from: "client",
    to: "coordinator",
    payload: "IntakeRequest",
    use: "a request that waits in the stream until a coordinator takes it",
  },
  {
    subject: "making.NAME",
    from: "coordinator",
    to: "coordinator",
    payload: "number of the connection, as text; 0 of who makes it",
    use: "who makes a stream or consumer that is missing, where the server is older than 2.9.16; also from and to clients",
  },
] as const satisfies readonly SubjectRow[];

const ROOT = "planwright";
const NO_INCARNATION = "-";
const ESCAPE = "=";
const HEX_DIGITS = 2;
const HEX = 16;

export function subjectOf(namespace: string, ...tokens: readonly string[]): string {
  return [ROOT, namespace, ...tokens].join(".");
}

/** Where answers come to, below it. */
export function inboxOf(namespace: string, name: string): string {
  return subjectOf(namespace, "inbox", tokenOf(name));
}

/** Of a subject, its tokens below the namespace. */
export function tokensBelow(subject: string): readonly string[] {
  return subject.split(".").slice(2);
}

/** Names of buckets and streams. */
export function bucketOf(namespace: string, what: string): string {
  return [ROOT, namespace, what].join("-");
}

/** The two tokens of an id (S1), with the dot between them. */
export function tokensOf(id: string): string {
  const dot = id.indexOf(".");
  if (dot === -1) return `${tokenOf(id)}.${NO_INCARNATION}`;
  const incarnation = id.slice(dot + 1);
  return `${tokenOf(id.slice(0, dot))}.${incarnation === NO_INCARNATION ? escapedAll(incarnation) : tokenOf(incarnation)}`;
}

/** The id whose tokens these are. */
export function idOfTokens(name: string, incarnation: string): string {
  return incarnation === NO_INCARNATION ? textOf(name) : `${textOf(name)}.${textOf(incarnation)}`;
}

export function partitionToken(partition: number): string {
  return partition.toString(HEX).padStart(HEX_DIGITS, "0");
}

function tokenOf(text: string): string {
  if (text === "") return ESCAPE;
  return text.replaceAll(/[^A-Za-z0-9_-]+/g, escapedAll);
}

function escapedAll(text: string): string {
  return [...Buffer.from(text)].map((byte) => `${ESCAPE}${partitionToken(byte)}`).join("");
}

function textOf(token: string): string {
  if (token === ESCAPE) return "";
  const bytes = token.replaceAll(/=([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, HEX)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}
