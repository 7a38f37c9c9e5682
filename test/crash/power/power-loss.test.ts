import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { RecordedEvent } from "#events/envelope.ts";
import { planOfStream } from "#events/streams.ts";
import { readGrants } from "#src/cli/grants.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { openEmbedded } from "#src/store/embedded/open.ts";
import { SeededRandom } from "#src/testing/seeded-random.ts";
import { planwright } from "../../e2e/command.ts";
import { requireServer } from "../../require.ts";
import { temporaryFolder } from "../../store/folder.ts";
import { Breach } from "../breach.ts";
import { checkStore } from "../checkers/store.ts";
import { crashPlace, type Place } from "../place.ts";
import { Witness } from "../witness.ts";
import { ForgettingDisk, isUnknown } from "./disk.ts";
import { callsIn, canTrace, traced, type Call } from "./trace.ts";

// The real program runs under a tracer, is killed, and goes on to the end. Then the power goes at many moments of that: what
// had not been synced by then is there, or not, or in part, in any order. Whatever had been said by then is in what is left.

const SLOW_TEST_MS = 300_000;
const AT_MOST = { timeout: SLOW_TEST_MS };
const BULKY_ITEMS = 300;
const KILLED_AFTER_FACTS = 450;
const MOMENTS = 24;
/** One of so many moments is among the first calls, by which the store is made. */
const EARLY_OF = 4;
const EARLY_CALLS = 150;
/** Behind the first sync of a process that goes on. */
const CALLS_AFTER = 30;
/** Of so many losses one is taken up by the program itself. */
const RESUMED_OF = 16;

const LIST = Array.from({ length: BULKY_ITEMS }, (_, index) => index).join(", ");
/** Large payloads beside each other, enough for SQLite to move its write-ahead log into the file, and time to be killed. */
const PLAN = `plan: powered
steps:
  once: { tool: effects.once }
  large: { tool: effects.big, with: { letter: "l" } }
  items: { each: "\${[1, 2, 3, 4, 5, 6, 7, 8, 9]}", as: it, concurrency: 3, do: { tool: effects.big, with: { letter: "\${string(it)}" } } }
  bulk: { each: "\${[${LIST}]}", as: it, concurrency: 8, do: { tool: effects.bulky, with: { after: "\${it}" } } }
  held: { needs: [bulk], tool: effects.again, with: { ms: 4000 } }
  after: { needs: [held, items, large, once], tool: effects.big, with: { letter: "z" } }
respond: ended
`;

interface Said {
  readonly kind: string;
  readonly plan: string;
  readonly revision: number;
  readonly type: string;
  readonly data: unknown;
}

const isTraceable = canTrace();
let place: Place;
/** Of one process after the other. */
let lives: readonly Life[] = [];

beforeAll(async () => {
  place = await crashPlace();
  if (isTraceable) lives = await recorded(place);
}, SLOW_TEST_MS);

afterAll(() => place[Symbol.asyncDispose]());

/** What a process found in its files, and asked of them. */
interface Life {
  readonly files: ReadonlyMap<string, Buffer>;
  readonly calls: readonly Call[];
}

/** Of two processes; the first is killed. */
async function recorded(at: Place): Promise<readonly Life[]> {
  const [first, second] = [path.join(at.path, "first.trace"), path.join(at.path, "second.trace")];
  const file = await at.write("plan.yaml", PLAN);
  const killed = at.start(["run", file, "--json"], { through: (command) => traced(command, first) });
  await killed.until(() => killed.facts >= KILLED_AFTER_FACTS, SLOW_TEST_MS);
  killed.kill("SIGKILL");
  const { signal, ...ended } = await killed.ended;
  expect(signal, `${killed.facts} facts, ${ended.code}, ${ended.stderr}`).toBe("SIGKILL");
  const files = await filesIn(at.store);
  const { code, stderr } = await at.start(["resume", "--json"], { through: (command) => traced(command, second) })
    .ended;
  expect(code, stderr).toBe(0);
  return [
    { files: new Map(), calls: await callsBelow(at.path, first) },
    { files, calls: await callsBelow(at.path, second) },
  ];
}

/** Those on the place, and what was said: a program opens hundreds of other files when it starts. */
async function callsBelow(folder: string, trace: string): Promise<readonly Call[]> {
  const all = await Array.fromAsync(callsIn(trace));
  return all.filter((call) => isSaying(call) || call.texts.some((text) => text.startsWith(folder)));
}

function isSyncOfLog({ name, texts }: Call): boolean {
  return name.endsWith("sync") && texts[0]?.endsWith("-wal") === true;
}

function isSaying({ name, args }: Call): boolean {
  return name === "write" && args.startsWith("1<>");
}

async function filesIn(folder: string): Promise<Map<string, Buffer>> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = found.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(name)] as const)));
}

/** The same history, but that the first process was killed before its last sync of the log was done. */
function withoutLastSync(): readonly Life[] {
  const [first, ...others] = lives;
  const calls = first?.calls ?? [];
  const last = calls.findLastIndex(isSyncOfLog);
  expect(last).toBeGreaterThan(0);
  const isHead = (name = ""): boolean => path.basename(name) === "head";
  const isClaim = (call: Call): boolean => isSaying(call) || (call.name.includes("write") && isHead(call.texts[0]));
  const left = calls.filter((call, index) => index < last || (index > last && !isClaim(call)));
  const found = others.map((life) => ({ ...life, files: new Map([...life.files].filter(([name]) => !isHead(name))) }));
  return [{ files: new Map(), calls: left }, ...found];
}

/** Follows all calls with a disk; calls back after each, with a number from 0 on. */
async function replay(
  disk: ForgettingDisk,
  history: readonly Life[],
  onCall: (said: Witness, index: number) => Promise<void>,
): Promise<void> {
  const said = new Witness();
  let index = 0;
  for (const { files, calls } of history) {
    disk.nextProcess(files);
    for (const call of calls) {
      if (isUnknown(call)) throw new Error(`the disk does not know ${call.name}`);
      disk.follow(call);
      hear(said, call);
      await onCall(said, index++);
    }
  }
}

/** What the process has told its user: facts, each after it was durable. */
function hear(witness: Witness, call: Call): void {
  if (!isSaying(call)) return;
  for (const line of Buffer.from(call.texts[1] ?? "", "latin1")
    .toString()
    .split("\n")) {
    if (!line.startsWith('{"kind":"fact"')) continue;
    const { plan, revision, type, data } = JSON.parse(line) as Said;
    witness.hear({ operation: "fact", plan, revision, type, mark: JSON.stringify(data) });
  }
}

interface Loss {
  readonly seed: number;
  readonly history?: readonly Life[];
  /** How many moments there are; MOMENTS unless given. */
  readonly moments?: number;
  /** Numbers of the calls between which the power goes; all of them unless given. */
  readonly between?: readonly [number, number];
  readonly forgetsSync?: (name: string) => boolean;
}

/** Loses the power at seeded moments, and looks at what is left. Gives the most events that were. Throws the first Breach. */
async function losePower({
  seed,
  history = lives,
  moments: count = MOMENTS,
  between,
  forgetsSync,
}: Loss): Promise<number> {
  const random = new SeededRandom(seed);
  const [from, to] = between ?? [0, history.flatMap(({ calls }) => calls).length - 1];
  const draw = (_: unknown, index: number): number =>
    random.int(from, index % EARLY_OF === 0 ? Math.min(from + EARLY_CALLS, to) : to);
  const moments = [...new Set(Array.from({ length: count }, draw))].sort((a, b) => a - b);
  const disk = new ForgettingDisk({ folder: place.store, ...(forgetsSync === undefined ? {} : { forgetsSync }) });
  let most = 0;
  await replay(disk, history, async (said, index) => {
    const moment = moments.indexOf(index);
    if (moment < 0) return;
    await using left = await temporaryFolder();
    const store = path.join(left.path, "store");
    disk.loseIn(store, random);
    most = Math.max(most, await look(store, said));
    if (moment % RESUMED_OF === RESUMED_OF - 1) await resume(store);
  });
  return most;
}

/** Gives the number of events that are left. */
async function look(store: string, said: Witness): Promise<number> {
  const log = await checkStore(store, said, { isThorough: true });
  for (const plan of plansIn(log)) {
    if (readGrants(store, plan) === undefined) throw new Breach("grants", `those of ${plan} are gone`);
  }
  // Whoever writes next goes on behind what is there.
  await using open = await openEmbedded({ directory: store, clock: systemClock });
  expect(await open.events.head()).toBe(log.length - 1);
  return log.length;
}

async function resume(store: string): Promise<void> {
  const env = { PLANWRIGHT_CRASH_LEDGER: place.ledger };
  const { code, stderr } = await planwright(["resume", "--json", "--store", store], { cwd: place.path, env });
  // The one step that must not run twice may have to be asked for.
  expect([0, PERSON], stderr).toContain(code);
}

const PERSON = 4;

function plansIn(log: readonly RecordedEvent[]) {
  return new Set(log.flatMap(({ stream }) => planOfStream(stream) ?? []));
}

requireServer("strace", isTraceable)("a loss of power", () => {
  it("takes nothing that was said, and leaves a store that goes on", AT_MOST, async () => {
    expect(await losePower({ seed: 1 })).toBeGreaterThan(KILLED_AFTER_FACTS);
    // The first process, which was killed, had moved its write-ahead log into the file.
    const moved = lives[0]?.calls.filter(
      ({ name, texts }) => name === "pwrite64" && texts[0]?.endsWith("store.db") === true,
    );
    expect(moved?.length).toBeGreaterThan(100);
  });

  it(
    "takes nothing that was written and not synced by who was killed, and read by who came next",
    AT_MOST,
    async () => {
      const history = withoutLastSync();
      const from = history[0]?.calls.length ?? 0;
      const synced = history[1]?.calls.findIndex(isSyncOfLog) ?? -1;
      expect(synced).toBeGreaterThan(0);
      const between = [from, from + synced + CALLS_AFTER] as const;
      // What its last sync was to keep may be lost with it, and that was all that it had told since.
      const left = await losePower({ seed: 3, history, moments: MOMENTS / 2, between });
      expect(left).toBeGreaterThan(KILLED_AFTER_FACTS / 2);
    },
  );

  // Each is a disk on which a sync does nothing.
  it.each([
    ["the write-ahead log", (name: string) => name.endsWith("-wal"), /^(?:answers|log): /],
    ["the file that the log is moved into", (name: string) => name.endsWith("store.db"), /^(?:answers|log): /],
    ["payloads", (name: string) => name.includes("/blobs/tmp/"), /^examination: /],
    ["the folders of payloads", (name: string) => /blobs(?:\/..)?$/.test(name), /^examination: blob-missing/],
    ["what plans were granted", (name: string) => /\/runs\/.*jsonl$/.test(name), /^grants: /],
    ["the folder of what plans were granted", (name: string) => name.endsWith("/runs"), /^grants: /],
    ["the folder of the store", (name: string) => name.endsWith("/store"), /^(?:answers|log|grants|examination): /],
  ])("would be noticed where the sync of %s is forgotten", AT_MOST, async (_, forgetsSync, claim) => {
    await expect(losePower({ seed: 2, forgetsSync })).rejects.toThrow(claim);
  });
});
