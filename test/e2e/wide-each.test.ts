import { describe, expect, it } from "vitest";
import { openReader } from "#src/compose.ts";
import { expectHealthy, workplace, type Workplace } from "./workplace.ts";

// An `each` over some thousand items from the shell's side: what it says, what a kill in the middle leaves, and what it
// says of something that is no list.

const ITEMS = 3_000;
const SLOW_TEST_MS = 90_000;

const WIDE = `plan: wide
inputs:
  items: { type: array }
steps:
  notes:
    each: \${inputs.items}
    as: item
    concurrency: 32
    tolerate: 0.1%
    do: { tool: text.wrap, with: { text: "\${item.name}", width: 40 } }
respond: \${size(steps.notes.output)} notes, the last is \${steps.notes.output[2999]}, \${size(steps.notes.errors)} failed
`;

const THERE = '{"items":[]}';

/** The names of some items are missing. */
function itemsWithout(missing: readonly number[]): string {
  const items = Array.from({ length: ITEMS }, (_, id) => (missing.includes(id) ? { id } : { id, name: `item ${id}` }));
  return JSON.stringify({ items });
}

async function placeWith(items: string): Promise<Workplace> {
  const place = await workplace();
  await place.write("wide.yaml", WIDE);
  await place.write("items.json", items);
  return place;
}

async function successesIn({ store }: Workplace): Promise<readonly string[]> {
  await using reader = await openReader({ store });
  const events = await Array.fromAsync(reader.plans.events(await reader.plans.find("last")));
  return events.flatMap(({ type, data }) => (type === "StepSucceeded" ? [(data as { step: string }).step] : []));
}

describe("a wide each at the command line", { timeout: SLOW_TEST_MS }, () => {
  it("runs in windows, tolerates a share of failures, and gives a list in the order of its items", async () => {
    await using place = await placeWith(itemsWithout([7, 1_007, 2_007]));
    const ran = await place.run("run", "wide.yaml", "--inputs", "items.json", "--plain");
    expect(ran, ran.stderr.slice(-2_000)).toMatchObject({
      code: 0,
      stdout: "3000 notes, the last is item 2999, 3 failed\n",
    });
    for (const said of ["of 3000, 0 to 999 open", "1000 to 1999 open", "2000 to 2999 have ended"]) {
      expect(ran.stderr).toContain(`notes: ${said}`);
    }
    expect((await place.run("show", "last")).stdout).toContain("3000/3000 items 3 failed");
    await expectHealthy(place);
    const usage: unknown = JSON.parse((await place.run("blobs", "usage", "--json")).stdout);
    expect(usage).toMatchObject({ young: { blobs: 0 }, garbage: { blobs: 0 }, missing: 0 });
  });

  it("that is killed in the middle goes on with resume, and repeats nothing that had ended", async () => {
    await using place = await placeWith(itemsWithout([]));
    let isKilled = false;
    const killed = await place.runAs(
      {
        onStderr: (text, child) => {
          if (isKilled || !text.includes("notes/1500/do: succeeded")) return;
          isKilled = true;
          child.kill("SIGKILL");
        },
      },
      ...["run", "wide.yaml", "--inputs", "items.json", "--plain"],
    );
    expect(killed.signal).toBe("SIGKILL");
    const before = await successesIn(place);
    expect(before.length).toBeGreaterThan(1_400);
    expect(before.length).toBeLessThan(ITEMS);
    const resumed = await place.run("resume", "--plain");
    expect(resumed, resumed.stderr.slice(-2_000)).toMatchObject({ code: 0 });
    expect(resumed.stdout).toContain("3000 notes, the last is item 2999, 0 failed");
    const after = await successesIn(place);
    expect(after).toHaveLength(ITEMS + 1);
    expect(new Set(after).size).toBe(after.length);
    await expectHealthy(place);
  });

  it("over what turns out to be no list fails by name, and what it needed stays done", async () => {
    await using place = await workplace();
    await place.write(
      "open.yaml",
      "plan: open\ninputs:\n  x: { description: anything }\nsteps:\n  before: { value: 7 }\n" +
        '  a: { each: "${inputs.x}", as: y, needs: [before], do: { value: "${y}" } }\nrespond: done\n',
    );
    await place.write("object.json", '{"x":{"a":1}}');
    await place.write("list.json", '{"x":[1,2]}');
    const ran = await place.run("run", "open.yaml", "--inputs", "object.json", "--plain");
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('each-over-non-list: each goes over a list, not over {"a":1}');
    expect(await successesIn(place)).toEqual(["before"]);
    await expectHealthy(place);
    const mended = await place.run("run", "open.yaml", "--inputs", "list.json", "--plain");
    expect(mended, mended.stderr).toMatchObject({ code: 0, stdout: "done\n" });
  });

  it("over what is known to be no list is refused where it stands, before anything runs", async () => {
    await using place = await placeWith(THERE);
    await place.write("typed.yaml", WIDE.replace("type: array", "type: string"));
    const ran = await place.run("run", "typed.yaml", "--input", "items=abc");
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(/typed\.yaml:6:11: error each-over-non-list: each goes over a list.*\^\^\^/s);
    expect(ran.stderr).toContain("nothing was run");
  });
});
