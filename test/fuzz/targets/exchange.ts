import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { systemClock } from "#src/ports/system/clock.ts";
import { Violation } from "../target.ts";

// One exchange with a door, in bytes.
//
// W1. An answer is HTTP, below 500, and a refusal is a problem document with a code of the index.
// W2. Whoever sends half a request and hangs up gets an answer or nothing, soon.

const INDEX = new Set(
  [...readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8").matchAll(/`([a-z][a-z-]+)`/g)].map(
    ([, code]) => code,
  ),
);

/** A stream or a wait has no end of its own: it is left when it has begun, or said nothing for so long. */
const PATIENT = /\/(?:wait|events|live)\b/;
const PATIENCE_MS = 40;
const ANSWER_WITHIN_MS = 20_000;

/** What comes back until the other side ends it. */
export function exchanged(socket: Socket, bytes: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const isPatient = PATIENT.test(bytes);
  let told = "";
  const timer = systemClock.after(isPatient ? PATIENCE_MS : ANSWER_WITHIN_MS, () => {
    socket.destroy();
    if (isPatient || told.startsWith("HTTP/1.1 200")) resolve(told);
    else reject(new Violation(`no answer within ${ANSWER_WITHIN_MS} ms`));
  });
  socket.setEncoding("latin1").on("data", (text: string) => {
    told += text;
    if (/^content-type: text\/event-stream/im.test(told)) socket.destroy();
  });
  // A server that has refused may reset what is still on its way.
  socket.on("error", () => undefined);
  socket.on("close", () => {
    timer[Symbol.dispose]();
    resolve(told);
  });
  socket.on("connect", () => socket.end(Buffer.from(bytes, "latin1")));
  return promise;
}

/** The status of an answer that a client may get. */
export function judged(told: string): string {
  if (told === "") return "hung up on";
  const [, status = ""] = /^HTTP\/1\.1 (\d{3}) /.exec(told) ?? [];
  const code = Number(status);
  if (status === "" || code >= 500) throw new Violation(`the answer is ${told.slice(0, 600)}`);
  if (code >= 400) assertProblem(told, code);
  return status;
}

function assertProblem(told: string, status: number): void {
  const [head = "", body = ""] = told.split("\r\n\r\n", 2);
  // An answer to HEAD has no body; what Node itself refuses (an expectation) has none either.
  if (body === "" || !/content-type: application\/problem\+json/i.test(head)) {
    if (body === "") return;
    throw new Violation(`a refusal is no problem document: ${told.slice(0, 300)}`);
  }
  const [, code] = /"code":"([^"]*)"/.exec(body) ?? [];
  if (INDEX.has(code)) return;
  throw new Violation(`status ${status} with a code that the index does not know: ${String(code)}`);
}
