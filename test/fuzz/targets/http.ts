import { connect } from "node:net";
import path from "node:path";
import { z } from "zod";
import { isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import { allOperations } from "#src/api/client.ts";
import type { AnyOperation } from "#src/api/operations/operation.ts";
import { openPlanwright, serveHttp, type Planwright } from "#src/compose.ts";
import { hashOfToken } from "#src/http/guard.ts";
import type { SeededRandom } from "#src/testing/seeded-random.ts";
import { KEYS, TEXTS, hostileValue } from "../mutation/hostile-values.ts";
import { mutated } from "../mutation/structure.ts";
import { mutatedText } from "../mutation/text.ts";
import { Violation, type Place, type Target } from "../target.ts";
import { planTools } from "./plan-tools.ts";
import { exchanged, judged } from "./exchange.ts";
import { exampleOf } from "./operation-inputs.ts";

// The doors: HTTP over TCP with and without tokens, and the local socket, as real connections with raw bytes. A request is one
// that the table of operations allows, changed in its parts and then as bytes.
//
const input = z.object({ door: z.enum(["open", "guarded", "socket"]), bytes: z.string() });
type Sent = z.infer<typeof input>;

const TOKEN = "a-token-of-the-fuzzer";
const PLAN =
  "plan: p\nsteps:\n  a: { value: 1 }\n  s: { signal: go }\n  p: { approve: {} }\n  f: { tool: fs.read, with: { path: a.txt }, fallback: [{ value: '' }] }\nrespond: done\n";
export async function openHttp({ folder, marker }: Place): Promise<Target> {
  await using opened = new AsyncDisposableStack();
  const tools = planTools([PLAN]);
  const store = path.join(folder, "store");
  const planwright = opened.use(await openPlanwright({ store, root: folder, tools, actor: "os:fuzzer" }));
  const open = opened.use(await serveHttp(planwright));
  const guarded = opened.use(await serveHttp(planwright, { tokens: new Map([[hashOfToken(TOKEN), "token:fuzzer"]]) }));
  const plan = await begun(planwright);
  const dials = {
    open: () => connect(Number(new URL(open.url).port), "127.0.0.1"),
    guarded: () => connect(Number(new URL(guarded.url).port), "127.0.0.1"),
    socket: () => connect(planwright.socket ?? ""),
  };
  const run = async (given: Json): Promise<string> => {
    const shaped = input.safeParse(given);
    if (!shaped.success) return "no case";
    const { door, bytes } = shaped.data;
    const told = await exchanged(dials[door](), bytes.replaceAll(PLAN_ID, plan));
    if (told.includes(marker)) throw new Violation("an answer has text of the file beside the root");
    return judged(told);
  };
  const closing = opened.move();
  return { draw, run, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

/** Stands in requests for the id of the plan that is there; as long as that, because lengths are announced. */
const PLAN_ID = "00000000-0000-4000-8000-0000feedbeef";

async function begun({ client }: Planwright): Promise<string> {
  const { plan } = await client.submit({ source: PLAN });
  return plan;
}

const METHODS = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "CONNECT", "get", "PRI", ""];
const HEADERS = [
  ["content-type", "text/plain"],
  ["content-type", "application/json; charset=utf-16"],
  ["content-length", "-1"],
  ["content-length", "99999999999999999999"],
  ["content-length", "0"],
  ["transfer-encoding", "chunked"],
  ["transfer-encoding", "gzip, chunked"],
  ["expect", "100-continue"],
  ["expect", "nothing"],
  ["upgrade", "websocket"],
  ["connection", "upgrade"],
  ["connection", "keep-alive"],
  ["authorization", `Bearer ${TOKEN}`],
  ["authorization", `Bearer ${"x".repeat(8_000)}`],
  ["authorization", "Bearer"],
  ["last-event-id", "1e309"],
  ["last-event-id", "-1"],
  ["last-event-id", "0x10"],
  ["origin", "null"],
  ["host", "evil.example"],
  ["host", ""],
  ["cookie", "a=b"],
  ["x", "y".repeat(17_000)],
  ["accept-encoding", "gzip"],
  ["range", "bytes=0-1"],
] as const;
const PIECES = [
  ...TEXTS.filter((text) => text.length < 80),
  "\r\n",
  "\r\n\r\n",
  "\n",
  ": ",
  "HTTP/1.1",
  "HTTP/9.9",
  "0\r\n\r\n",
  "%00",
  "%2e%2e/",
  "%ff",
  "?",
  "&",
  "#",
  "//",
];

const OPERATIONS = allOperations().map(([, operation]) => operation);

function draw(random: SeededRandom): Json {
  const operation = random.pick(OPERATIONS);
  const door = random.pick(["open", "open", "guarded", "socket"] as const);
  let bytes = requestFor(operation, random);
  for (let change = random.chance(0.35) ? random.int(1, 3) : 0; change > 0; change--)
    bytes = mutatedText(bytes, random, PIECES);
  // Bytes stand as characters below 256, so that the input stays JSON.
  return { door, bytes: Buffer.from(bytes, "utf8").toString("latin1") } satisfies Sent;
}

function requestFor(operation: AnyOperation, random: SeededRandom): string {
  const [known = "GET", route = ""] = operation.route.split(" ");
  const value = valueFor(operation, random);
  const members = isJsonObject(value) ? value : {};
  const method = random.chance(0.9) ? known : random.pick(METHODS);
  const body = known === "POST" ? JSON.stringify(value) : "";
  const query = known === "GET" ? queryOf(members, route) : "";
  const head = headersFor(body, random).map(([name, text]) => `${name}: ${text}\r\n`);
  return `${method} ${pathOf(route, members, random)}${query} HTTP/1.1\r\n${head.join("")}\r\n${body}`;
}

function pathOf(route: string, members: JsonObject, random: SeededRandom): string {
  return route.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const text = textOf(members[name] ?? random.pick(KEYS));
    return random.chance(0.9) ? encodeURIComponent(wellFormed(text)) : text;
  });
}

function headersFor(body: string, random: SeededRandom): readonly (readonly [string, string])[] {
  const headers: (readonly [string, string])[] = [
    ["host", "127.0.0.1"],
    ["connection", "close"],
  ];
  if (random.chance(0.9)) headers.push(["authorization", `Bearer ${TOKEN}`]);
  const length = String(Buffer.byteLength(body));
  if (body !== "") headers.push(["content-type", "application/json"], ["content-length", length]);
  for (let more = random.chance(0.4) ? random.int(0, 2) : 0; more > 0; more--) headers.push(random.pick(HEADERS));
  return headers;
}

function valueFor(operation: AnyOperation, random: SeededRandom): Json {
  let value: Json = exampleOf(operation, random, { plan: PLAN_ID, source: PLAN });
  for (let change = random.chance(0.6) ? 0 : random.int(1, 2); change > 0; change--)
    value = mutated(value, random, ["plan", ...Object.keys(operation.input.shape)]);
  return random.chance(0.05) ? hostileValue(random) : value;
}

function queryOf(members: JsonObject, route: string): string {
  const pairs = Object.entries(members).filter(([name]) => !route.includes(`{${name}}`));
  const text = pairs.map(
    ([name, value]) => `${encodeURIComponent(wellFormed(name))}=${encodeURIComponent(wellFormed(textOf(value)))}`,
  );
  return text.length === 0 ? "" : `?${text.join("&")}`;
}

function textOf(value: Json): string {
  return (typeof value === "string" ? value : JSON.stringify(value)).slice(0, 2_000);
}

function wellFormed(text: string): string {
  return text.toWellFormed();
}
