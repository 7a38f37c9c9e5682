import { hash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { expectHealthy, workplace, type Workplace } from "./workplace.ts";

// Garbage of blobs from the shell's side: real files, a holder beside, signals in the middle.

const WIDE = `plan: wide
inputs:
  text: { type: string, default: ${"z".repeat(40_000)} }
steps:
  texts:
    each: [a, b, c]
    as: letter
    do: { value: "\${letter + inputs.text}" }
respond: \${size(steps.texts.output)}
`;

const DAY_MS = 24 * 60 * 60 * 1_000;
const SLOW_TEST_MS = 60_000;

/** A file that looks like a blob which nothing cites. */
function leaveGarbage(place: Workplace, text: string, ageMs: number): string {
  const ref = hash("sha256", text);
  const file = path.join(place.store, "blobs", ref.slice(0, 2), ref);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  const at = new Date(Date.now() - ageMs);
  utimesSync(file, at, at);
  return file;
}

/** A workplace whose store holds a plan with a list of blobs. */
async function placeWithBlobs(): Promise<Workplace> {
  const place = await workplace();
  await place.write("wide.yaml", WIDE);
  const ran = await place.run("run", "wide.yaml", "--plain");
  expect(ran, ran.stderr).toMatchObject({ code: 0, stdout: "3\n" });
  return place;
}

describe("planwright blobs", () => {
  it("counts, lists and sweeps, and leaves alone what is cited or young", async () => {
    await using place = await placeWithBlobs();
    const old = leaveGarbage(place, "old garbage", 2 * DAY_MS);
    const young = leaveGarbage(place, "young", 0);
    const usage = JSON.parse((await place.run("blobs", "usage", "--json")).stdout) as Record<string, unknown>;
    expect(usage).toMatchObject({
      graceMs: DAY_MS,
      young: { blobs: 1, bytes: 5 },
      garbage: { blobs: 1, bytes: 11 },
      missing: 0,
    });
    const { cited } = usage as { cited: { blobs: number } };
    expect(cited.blobs).toBeGreaterThanOrEqual(4);

    const listed = JSON.parse((await place.run("blobs", "list", "--json")).stdout) as { blobs: { bytes: number }[] };
    expect(listed).toMatchObject({ total: cited.blobs + 2 });
    expect(listed.blobs.map(({ bytes }) => bytes)).toEqual(
      listed.blobs.map(({ bytes }) => bytes).toSorted((a, b) => b - a),
    );
    const garbage = await place.run("blobs", "list", "--garbage");
    expect(garbage.stdout).toMatch(new RegExp(`^${path.basename(old)} +11 B .* garbage\n$`));

    const dry = await place.run("blobs", "sweep", "--dry-run");
    expect(dry, dry.stderr).toMatchObject({ code: 0, stdout: expect.stringMatching(/^would remove 1 blob, 11 B$/m) });
    expect(existsSync(old)).toBe(true);
    const swept = await place.run("blobs", "sweep", "--json");
    expect(JSON.parse(swept.stdout)).toMatchObject({ dryRun: false, removed: { blobs: 1, bytes: 11 } });
    expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
    expect((await place.run("blobs", "sweep", "--grace", "0ms")).stdout).toMatch(/^removed 1 blob, 5 B$/m);
    expect((await place.run("blobs")).stdout).toMatch(/^garbage +0 blobs, 0 B$/m);
    await expectHealthy(place);
    expect((await place.run("show", "last")).stdout).toMatch(/wide succeeded/);
  });

  it("of a store that is not there says so and makes none", async () => {
    await using place = await workplace();
    for (const command of ["usage", "list", "sweep"]) {
      const ran = await place.run("blobs", command, "--json");
      expect(ran.code).toBe(2);
      expect(JSON.parse(ran.stdout)).toMatchObject({ error: { code: "store-missing" } });
    }
    expect(existsSync(place.store)).toBe(false);
    expect((await place.run("blobs", "sweep", "--grace", "soon")).code).toBe(2);
  });

  it("sweeps not beside another holder, and looks all the same", async () => {
    await using place = await placeWithBlobs();
    const old = leaveGarbage(place, "old garbage", 2 * DAY_MS);
    await place.write("nap.yaml", "plan: nap\nsteps:\n  nap: { wait: 1h }\n");
    const seen: Promise<void>[] = [];
    const look = async (): Promise<void> => {
      const refused = await place.run("blobs", "sweep");
      expect(refused.code).toBe(5);
      expect(refused.stderr).toMatch(/store-locked: .*planwright run nap\.yaml/);
      expect(existsSync(old)).toBe(true);
      expect((await place.run("blobs", "usage")).stdout).toMatch(/^garbage +1 blob, 11 B/m);
    };
    const ran = await place.runAs(
      {
        onStderr: (text, child) => {
          if (seen.length > 0 || !text.includes("waits until")) return;
          seen.push(look().finally(() => child.kill("SIGINT")));
        },
      },
      ...["run", "nap.yaml", "--plain"],
    );
    await Promise.all(seen);
    expect(seen).toHaveLength(1);
    expect(ran.code).toBe(130);
  });

  it("says what is missing and removes nothing where a list cannot be read", async () => {
    await using place = await placeWithBlobs();
    const listed = JSON.parse((await place.run("blobs", "list", "--json")).stdout) as { blobs: { ref: string }[] };
    const list = listed.blobs.find(({ ref }) => isList(place, ref))!;
    const old = leaveGarbage(place, "old garbage", 2 * DAY_MS);
    writeFileSync(fileOf(place, list.ref), "[]");
    const swept = await place.run("blobs", "sweep");
    expect(swept).toMatchObject({ code: 5, stdout: "" });
    expect(swept.stderr).toMatch(/citations-unknown: .*nothing was removed[\s\S]*planwright doctor/);
    expect(existsSync(old)).toBe(true);
    const doctor = await place.run("doctor");
    expect(doctor.code).toBe(5);
    expect(doctor.stderr).toMatch(/blob-damaged/);
  });

  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGKILL", null],
  ] as const) {
    it(`leaves a healthy store when ${signal} ends a sweep in the middle`, { timeout: SLOW_TEST_MS }, async () => {
      await using place = await placeWithBlobs();
      const garbage = Array.from({ length: 8_000 }, (_, index) => leaveGarbage(place, `garbage ${index}`, 2 * DAY_MS));
      const first = garbage.toSorted().slice(0, 50);
      const swept = await place.runAs(
        {
          onStart: (child) => {
            const watch = setInterval(() => {
              if (first.some((file) => existsSync(file))) return;
              clearInterval(watch);
              child.kill(signal);
            }, 1);
          },
        },
        ...["blobs", "sweep"],
      );
      expect(swept.code).toBe(code);
      const left = garbage.filter((file) => existsSync(file)).length;
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThan(garbage.length);
      await expectHealthy(place);
      const again = JSON.parse((await place.run("blobs", "sweep", "--json")).stdout) as unknown;
      expect(again).toMatchObject({ removed: { blobs: left }, young: { blobs: 0 } });
      await expectHealthy(place);
    });
  }
});

function fileOf(place: Workplace, ref: string): string {
  return path.join(place.store, "blobs", ref.slice(0, 2), ref);
}

/** The parts of a list name blobs; no other payload of the plan does. */
function isList(place: Workplace, ref: string): boolean {
  return readFileSync(fileOf(place, ref), "utf8").includes('"item"');
}
