import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import path from "node:path";
import { isJsonList, isJsonObject, type Json } from "#events/json.ts";
import type { SeededRandom } from "#src/testing/seeded-random.ts";
import { mutated } from "./mutation/structure.ts";
import type { OpenTarget, Place, Targets } from "./target.ts";
import { openBusWith } from "./targets/bus.ts";
import { exchanged, judged } from "./targets/exchange.ts";

// Borders with one defect each, such as programs really have. The fuzzer must name every one of them.

const BASE: Json = { plan: "p", steps: { a: { tool: "t", with: { path: "a/b.txt", list: [1, 2] } }, b: { value: 1 } } };
const WORDS = ["plan", "steps", "tool", "with", "path", "list"];

function drawn(random: SeededRandom): Json {
  let value = BASE;
  for (let change = random.int(1, 4); change > 0; change--) value = mutated(value, random, WORDS);
  return value;
}

const planted =
  (run: (input: Json, place: Place) => unknown): OpenTarget =>
  async (place) => ({
    draw: drawn,
    run: async (input) => {
      await run(input, place);
      return "fine";
    },
    [Symbol.asyncDispose]: async () => undefined,
  });

export const targets: Targets = {
  /** Takes for granted that every step is a mapping. */
  throwing: planted((input) => {
    const steps = isJsonObject(input) && isJsonObject(input["steps"]) ? Object.values(input["steps"]) : [];
    for (const step of steps) Object.keys((step as { with?: object }).with ?? {});
  }),
  /** Merges what it is given into defaults, name by name. */
  polluting: planted((input) => merged({ steps: {} }, input)),
  /** Joins a path that it is given to its folder. */
  escaping: planted((input, { folder }) => {
    for (const text of textsIn(input)) written(folder, text);
  }),
  /** Forgets a promise. */
  forgetful: planted((input) => {
    if (textsIn(input).includes("then")) void Promise.reject(new Error("nobody listens"));
  }),
  /** Looks for an end that a negative number does not come to. */
  endless: planted((input) => {
    const numbers = JSON.stringify(input).match(/-\d+/g) ?? [];
    for (let left = Number(numbers[0] ?? 0); left !== 0; left--);
  }),
  /** Makes a list as long as it is told. */
  greedy: planted((input) => {
    const lists: number[][] = [];
    const [wanted = 0] = numbersIn(input).filter((number) => number >= 2 ** 31);
    for (let made = 0; made < Math.min(wanted, 1e9); made++) lists.push(new Array<number>(2_000_000).fill(made));
    return lists.length;
  }),
  /** Keeps every input that it has seen. */
  leaking: planted((input) => void KEPT.push(Buffer.alloc(KEPT_BYTES, JSON.stringify(input)))),
  /** Answers what it did not expect with 500. */
  failing: async () => {
    const server = createServer((request, response) => {
      response.writeHead(request.url?.includes("constructor") === true ? 500 : 200, { connection: "close" }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    return {
      draw: drawn,
      run: async (input) => {
        const at = `/?${encodeURIComponent(JSON.stringify(input).slice(0, 4_000))}`;
        return judged(await exchanged(connect(port, "127.0.0.1"), `GET ${at} HTTP/1.1\r\nhost: a\r\n\r\n`));
      },
      [Symbol.asyncDispose]: async () => void server.close(),
    };
  },
  /** Believes whatever comes off the bus. */
  credulous: () => {
    const believed = (bytes: Uint8Array): never => JSON.parse(Buffer.from(bytes).toString()) as never;
    return openBusWith({ forExecutor: believed, forCoordinator: believed });
  },
};

const KEPT: Buffer[] = [];
const KEPT_BYTES = 256 * 1024;

function merged(into: Record<string, unknown>, from: Json): void {
  if (!isJsonObject(from)) return;
  for (const [name, value] of Object.entries(from)) {
    const own = into[name];
    if (typeof own === "object" && own !== null && isJsonObject(value)) merged(own as Record<string, unknown>, value);
    else into[name] = value;
  }
}

function written(folder: string, text: string): void {
  const file = path.join(folder, text);
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, "written");
  } catch {
    // A name that no file can have.
  }
}

function textsIn(value: Json): readonly string[] {
  if (typeof value === "string") return value.length < 100 && !path.isAbsolute(value) ? [value] : [];
  if (isJsonList(value)) return value.flatMap(textsIn);
  return isJsonObject(value) ? [...Object.keys(value), ...Object.values(value).flatMap(textsIn)] : [];
}

function numbersIn(value: Json): readonly number[] {
  if (typeof value === "number") return [value];
  if (isJsonList(value)) return value.flatMap(numbersIn);
  return isJsonObject(value) ? Object.values(value).flatMap(numbersIn) : [];
}
