import { chmod, open, readFile, stat, truncate } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { openStore } from "#src/open-store.ts";
import { expectHealthy, usedWorkplace, type Workplace } from "./workplace.ts";

// Stores that cannot be used: exit code 5, a code, the file, and what to do next. Nothing is changed by refusing.

const NOBODY = 65_534;
const SQLITE_USER_VERSION_OF_TOMORROW = 999;

describe("a store", () => {
  it("that is held names the holder to writing commands, and lets reading ones through", async () => {
    await using place = await usedWorkplace();
    const held = await openStore({ store: place.store, command: "planwright run other.yaml" });
    const ran = await place.run("run", "good.yaml", "--plain");
    expect(ran).toMatchObject({ code: 5, stdout: "" });
    expect(ran.stderr).toMatch(
      new RegExp(`store-locked: .*store\\.db is held by process ${process.pid} \\(planwright run other\\.yaml\\)`),
    );
    expect(ran.stderr).toMatch(/since: \d{4}-.*\n {2}next: wait until it is done/);
    for (const command of [["cancel", "last"], ["resume"], ["resolve", "last", "one", "--retry"]]) {
      const refused = await place.run(...command);
      expect(refused.code, refused.stderr).toBe(5);
      expect(refused.stderr).toMatch(/store-locked/);
    }
    for (const command of [
      ["list"],
      ["show", "last"],
      ["why", "last"],
      ["history", "last"],
      ["replay", "last", "--to", "1"],
    ]) {
      const read = await place.run(...command);
      expect(read.code, read.stderr).toBe(0);
    }
    const doctor = await place.run("doctor");
    expect(doctor.stdout).toMatch(new RegExp(`held by process ${process.pid}`));
    await held[Symbol.asyncDispose]();
    await expectHealthy(place);
  });

  it("that may not be written is refused, and works once it may", async () => {
    await using place = await usedWorkplace();
    // Rights do not bind the superuser.
    const somebody = process.getuid?.() === 0 ? { uid: NOBODY } : {};
    await chmod(path.dirname(place.path), 0o755);
    await chmod(place.store, 0o555);
    const ran = await place.runAs(somebody, "run", "good.yaml", "--plain");
    expect(ran, ran.stderr).toMatchObject({ code: 5, stdout: "" });
    expect(ran.stderr).toMatch(/store-read-only: .*\.planwright/);
    expect(ran.stderr).toMatch(/next: make the folder writable/);
    await chmod(place.store, 0o755);
    await expectHealthy(place);
  });

  it("that a newer version wrote is refused by writing and reading commands", async () => {
    await using place = await usedWorkplace();
    withDatabase(place, (database) => database.exec(`pragma user_version = ${SQLITE_USER_VERSION_OF_TOMORROW}`));
    for (const command of [["run", "good.yaml"], ["list"], ["doctor"]]) {
      const ran = await place.run(...command);
      expect(ran.code, ran.stderr).toBe(5);
      expect(ran.stderr).toMatch(/store-newer: .*store\.db/);
    }
    withDatabase(place, (database) => database.exec("pragma user_version = 1"));
    await expectHealthy(place);
  });

  it("that is truncated is refused, and doctor says so", async () => {
    await using place = await usedWorkplace();
    const file = await settledFile(place);
    const { size } = await stat(file);
    await truncate(file, Math.floor(size / 2));
    for (const command of [["run", "good.yaml"], ["doctor"]]) {
      const ran = await place.run(...command);
      expect(ran.code, ran.stdout + ran.stderr).toBe(5);
      expect(ran.stderr).toMatch(/store-damaged: .*store\.db|damaged (?:file|log)/);
    }
  });

  it("with one flipped byte is found by doctor, with stream and revision", async () => {
    await using place = await usedWorkplace();
    const file = await settledFile(place);
    const bytes = await readFile(file);
    const at = bytes.indexOf('"fine"');
    expect(at).toBeGreaterThan(0);
    const handle = await open(file, "r+");
    await handle.write(Buffer.from("F"), 0, 1, at + 1);
    await handle.close();
    const doctor = await place.run("doctor");
    expect(doctor.code, doctor.stdout + doctor.stderr).toBe(5);
    expect(doctor.stderr).toMatch(/damaged log: plan-[0-9a-f-]+ at revision \d+.*not what was written/);
    expect(doctor.stdout).toMatch(/store-damaged: restore the folder from a copy/);
  });
});

function withDatabase(place: Workplace, use: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(path.join(place.store, "store.db"));
  use(database);
  database.close();
}

/** The store's file with everything in it: nothing is left in the write-ahead log. */
async function settledFile(place: Workplace): Promise<string> {
  withDatabase(place, (database) => database.exec("pragma wal_checkpoint(truncate); pragma journal_mode = delete"));
  return path.join(place.store, "store.db");
}
