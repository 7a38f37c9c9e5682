import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { EXIT } from "#src/cli/exit-code.ts";
import { planwright } from "./command.ts";
import { serving } from "./serving.ts";
import { workplace, type Workplace } from "./workplace.ts";

// Which plan `last` is, and the report of a plan that goes on.

const PLANS = {
  "changes.yaml":
    "plan: changes_x\nsteps:\n  begin: { signal: implement }\n  ask: { approve: { show: good? } }\n  last: { value: 1, needs: [begin, ask] }\n",
  "asking.yaml": "plan: asking\nsteps:\n  ask: { approve: { show: good? } }\n",
  // It has the name of what `assess` runs, and is somebody's own.
  "own.yaml": "plan: assessment\nsteps:\n  ask: { approve: { show: good? } }\n",
  "slow.yaml": "plan: slow\nsteps:\n  a: { wait: 1500ms }\n  b: { wait: 1500ms, needs: [a] }\n",
  "requirements.yaml":
    "requirements: few\ncapabilities: [{ id: a, title: A, check: { kind: file, files: slow.yaml } }]\n",
};

async function prepared(): Promise<Workplace> {
  const place = await workplace();
  for (const [name, text] of Object.entries(PLANS)) await place.write(name, text);
  return place;
}

async function submitted(place: Workplace, file: string): Promise<string> {
  return (await place.run("submit", file)).stdout.trim();
}

describe("the last plan", { timeout: 120_000 }, () => {
  it("is for decisions and reports none that only found something out, and one that can be decided about", async () => {
    await using place = await prepared();
    const server = await serving(place);
    const changes = await submitted(place, "changes.yaml");
    expect((await place.run("assess", ".", "--requirements", "requirements.yaml")).code).toBe(EXIT.ok);
    const reported = await place.run("report", "last");
    expect(reported.stdout).toContain(changes);
    expect(reported.stderr).toBe(`last: changes_x ${changes}\n`);
    // One that has ended is reported, and nothing of it is decided.
    const quick = await submitted(place, "good.yaml");
    await place.run("watch", quick);
    expect((await place.run("report", "last")).stdout).toContain(quick);
    expect((await place.run("review", "last")).stdout).toContain(changes);
    const approved = await place.run("approve", "last", "--yes");
    expect(approved.stderr, approved.stdout).toContain(`last: changes_x ${changes}`);
    expect(approved.code).toBe(EXIT.ok);
    expect(JSON.parse((await place.run("show", "last", "--json")).stdout)).toMatchObject({ plan: quick });
    await submitted(place, "asking.yaml");
    const begun = await place.run("implement", "last", "--plain");
    expect(begun.stderr).toMatch(new RegExp(`^last: changes_x ${changes}`));
    expect(begun.code).toBe(EXIT.ok);
    server.kill("SIGTERM");
    await server.ended;
  });

  it("is one of somebody's own that is called like those, and no older one in the place of one that does not ask yet", async () => {
    await using place = await prepared();
    const server = await serving(place);
    await submitted(place, "asking.yaml");
    const own = await submitted(place, "own.yaml");
    expect((await place.run("review", "last")).stdout).toContain(own);
    const slow = await submitted(place, "slow.yaml");
    const refused = await place.run("approve", "last", "--yes");
    expect(refused).toMatchObject({ code: EXIT.usage, stdout: "" });
    expect(refused.stderr).toMatch(new RegExp(`nothing-to-approve: plan ${slow}`));
    server.kill("SIGTERM");
    await server.ended;
  });
});

describe("a report that is followed", { timeout: 120_000 }, () => {
  it("is made anew until the plan ends, as lines of JSON and in a file that is never half written", async () => {
    await using place = await prepared();
    const server = await serving(place);
    const plan = await submitted(place, "slow.yaml");
    const file = path.join(place.path, "report.html");
    const pages = new Set<string>();
    const written = place.run("report", plan, "--follow", "--out", "report.html");
    const lines = place.run("report", plan, "--follow", "--json");
    const over = new AbortController();
    void written.then(() => over.abort());
    while (!over.signal.aborted) {
      pages.add(await readFile(file, "utf8").catch(() => ""));
      await new Promise((resolve) => setImmediate(resolve));
    }
    pages.delete("");
    for (const page of pages) expect(page).toMatch(/^<!doctype html>[\s\S]*<\/html>\s*$/i);
    expect(pages.size).toBeGreaterThan(1);
    expect(await written).toMatchObject({ code: EXIT.ok, stdout: "" });
    const { stdout, code } = await lines;
    expect(code).toBe(EXIT.ok);
    const states = stdout
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { status: string }).status);
    expect(states.length).toBeGreaterThan(1);
    expect(states.slice(0, -1)).toContain("running");
    expect(states.at(-1)).toBe("succeeded");
    const after = await place.run("report", plan, "--follow");
    expect(after.stdout).toContain("succeeded");
    server.kill("SIGTERM");
    await server.ended;
  });

  it("ends by Ctrl-C while the plan goes on, and where nobody runs it", async () => {
    await using place = await prepared();
    const server = await serving(place);
    const plan = await submitted(place, "asking.yaml");
    const stopped = await planwright(["report", plan, "--follow", "--json"], {
      cwd: place.path,
      onStdout: (_, child) => child.kill("SIGINT"),
    });
    expect(stopped.code, stopped.stderr).toBe(EXIT.interrupted);
    expect(stopped.stderr).toContain("it goes on");
    const left = place.run("report", plan, "--follow");
    const more = planwright(["report", plan, "--follow", "--json"], {
      cwd: place.path,
      onStdout: () => server.kill("SIGTERM"),
    });
    for (const ran of [await left, await more]) {
      expect(ran.code, ran.stderr).toBe(EXIT.ok);
      expect(ran.stderr).toContain(`nobody runs it now; unless it has ended it goes on by: planwright resume ${plan}`);
    }
  });
});
