import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { prepared } from "./prepared.ts";
import { serving } from "./serving.ts";
import { usedWorkplace } from "./workplace.ts";

// Plans that ended otherwise than wanted, taken up again or taken back from another terminal.

describe("a plan that failed", () => {
  it("is retried where nobody holds the store, with what it was started with", async () => {
    await using place = await prepared();
    expect((await place.run("run", "reading.yaml", "--plain")).code).toBe(1);
    await place.write("data.json", '{ "say": "mended" }');
    const elsewhere = path.join(place.path, "elsewhere");
    await mkdir(elsewhere);
    const retried = await place.runAs({ cwd: elsewhere }, "retry", "last", "--plain", "--store", place.store);
    expect(retried, retried.stderr).toMatchObject({ code: 0, stdout: "mended\n" });
    expect(retried.stderr).toMatch(/plan reopened[\s\S]*read: json\.read/);
  });

  it("is retried by the process that serves, and watched from here", async () => {
    await using place = await prepared();
    expect((await place.run("run", "reading.yaml", "--plain")).code).toBe(1);
    const server = await serving(place);
    await place.write("data.json", '{ "say": "mended" }');
    const retried = await place.run("retry", "last", "--plain");
    expect(retried, retried.stderr).toMatchObject({ code: 0, stdout: "mended\n" });
    expect(retried.stderr).not.toMatch(/drafted/);
    server.kill("SIGTERM");
    await server.ended;
  });

  it("goes on from a step that a person has done", async () => {
    await using place = await prepared();
    expect((await place.run("run", "reading.yaml", "--plain")).code).toBe(1);
    const given = await place.run("done", "last", "read", "--output", '{ "say": "by hand" }');
    expect(given, given.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining("read: done") });
    expect((await place.run("show", "last")).stdout).toMatch(/reading succeeded[\s\S]*by hand/);
  });
});

describe("a plan that is rolled back", () => {
  const MADE = `plan: made
steps:
  make: { tool: fs.write, with: { path: made.txt, text: "here" }, undo: { tool: fs.write, with: { path: made.txt, text: "gone" } } }
`;

  it("is shown first, wants a yes, and then takes back what was done", async () => {
    await using place = await prepared();
    await place.write("made.yaml", MADE);
    await place.run("run", "made.yaml", "--plain");
    const preview = await place.run("rollback", "last", "--preview");
    expect(preview, preview.stderr).toMatchObject({
      code: 0,
      stdout: "1 step taken back, in this order:\n  make  by fs.write\n",
    });
    const unsaid = await place.run("rollback", "last");
    expect(unsaid, unsaid.stderr).toMatchObject({ code: 2, stdout: "" });
    expect(unsaid.stderr).toMatch(/1 step taken back[\s\S]*not-confirmed[\s\S]*--yes/);
    const done = await place.run("rollback", "last", "--yes", "--plain");
    expect(done.code, done.stderr).toBe(0);
    expect(done.stderr).toMatch(/rolled-back made/);
    expect(readFileSync(path.join(place.path, "made.txt"), "utf8")).toBe("gone");
  });

  it("keeps irreversible steps unless they are accepted", async () => {
    await using place = await usedWorkplace();
    await place.write("made.yaml", MADE.replace(/undo: .*\} \}/, "irreversible: true }"));
    const ran = await place.run("run", "made.yaml", "--plain");
    expect(ran.code, ran.stderr).toBe(0);
    const refused = await place.run("rollback", "last", "--yes", "--json");
    expect(refused.code).toBe(2);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      error: { code: "irreversible-steps", details: { steps: ["make"] } },
    });
    const accepted = await place.run("rollback", "last", "--yes", "--accept-irreversible", "--json");
    expect(accepted.stdout).toMatch(/"kind":"result".*"status":"rolled-back"/);
  });
});

describe("an undo of something that somebody has changed since", () => {
  const NOTES = `plan: notes
steps:
  before: { tool: fs.snapshot, with: { path: notes.md } }
  notes:
    tool: fs.write
    needs: [before]
    with: { path: notes.md, text: ours }
    undo: { tool: fs.restore, with: { before: "\${steps.before.output}", text: ours } }
`;

  it("fails and overwrites nothing; put right by hand, another rollback ends", async () => {
    await using place = await usedWorkplace();
    await place.write("notes.yaml", NOTES);
    await place.write("notes.md", "old");
    await place.run("run", "notes.yaml", "--plain");
    await place.write("notes.md", "theirs");
    const failed = await place.run("rollback", "last", "--yes", "--plain");
    expect(failed.code, failed.stderr).toBe(1);
    expect(failed.stderr).toMatch(/changed-since[\s\S]*undo-failed/);
    const file = path.join(place.path, "notes.md");
    expect(readFileSync(file, "utf8")).toBe("theirs");
    await place.write("notes.md", "ours");
    const done = await place.run("rollback", "last", "--yes", "--plain");
    expect(done.stderr).toMatch(/rolled-back notes/);
    expect(readFileSync(file, "utf8")).toBe("old");
  });
});

describe("a signal that no step waits for", () => {
  it("is kept and listed, with when it is forgotten, and the statistics of tools are there too", async () => {
    await using place = await prepared();
    const server = await serving(place);
    const { plan } = JSON.parse((await place.run("submit", "waiting.yaml", "--json")).stdout) as { plan: string };
    const sent = await place.run("signal", plan, "paid", "--payload", "7", "--expires", "2h");
    expect(sent, sent.stderr).toMatchObject({ code: 0 });
    const shown = await place.run("show", plan);
    expect(shown.stdout).toMatch(/signal paid of os:.+, kept since .+, forgotten in (2h|1h 59m)/);
    const detail = JSON.parse((await place.run("show", plan, "--json")).stdout) as { signals: unknown };
    expect(detail.signals).toEqual([expect.objectContaining({ number: 1, name: "paid" })]);
    server.kill("SIGTERM");
    await server.ended;
    await place.run("run", "reading.yaml", "--plain");
    expect((await place.run("stats")).stdout).toMatch(
      /^json\.read 1\.0\.0 {2}1 attempt, 0 succeeded.*\n {2}others: 1 not-found\n$/,
    );
    expect((await place.run("stats", "fs.read")).stdout).toBe("fs.read has not run yet\n");
  });
});
