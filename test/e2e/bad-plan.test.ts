import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectHealthy, usedWorkplace, type Workplace } from "./workplace.ts";

// Bad input that is found before anything runs: exit code 2, a code, a place, and a store that nobody touched.

let place: Workplace;
let eventsBefore: number;

beforeAll(async () => {
  place = await usedWorkplace();
  eventsBefore = await expectHealthy(place);
});

afterAll(() => place[Symbol.asyncDispose]());

interface Refusal {
  readonly args?: readonly string[];
  readonly says: readonly (string | RegExp)[];
}

async function expectRefused(name: string, text: string, { args = [], says }: Refusal): Promise<void> {
  await place.write(name, text);
  const ran = await place.run("run", name, "--plain", ...args);
  expect(ran.code, ran.stderr).toBe(2);
  expect(ran.stdout).toBe("");
  for (const said of says) expect(ran.stderr).toMatch(said);
  expect(await expectHealthy(place)).toBe(eventsBefore);
}

describe("a plan file", () => {
  it("with a typo is refused with line, column, caret and suggestion", async () => {
    await expectRefused("typo.yaml", "plan: typo\nsteps:\n  a: { tol: fs.list }\n", {
      says: [/typo\.yaml:3:8: error unknown-word/, "^^^", "did you mean tool?", "1 error; nothing was run"],
    });
  });

  it("with a mistyped reference is refused where it stands", async () => {
    const text =
      'plan: typo\ninputs:\n  since: { type: string, default: x }\nsteps:\n  a: { value: "${inputs.sinse}" }\n';
    await expectRefused("reference.yaml", text, {
      says: [/reference\.yaml:5:\d+: error/, "sinse", "did you mean since?"],
    });
  });

  it("with a cycle is refused, and the cycle is named", async () => {
    const text =
      "plan: round\nsteps:\n  a: { value: 1, needs: [c] }\n  b: { value: 1, needs: [a] }\n  c: { value: 1, needs: [b] }\n";
    await expectRefused("cycle.yaml", text, {
      says: [
        /cycle\.yaml:\d+:\d+: error \S*cycl\S*/,
        /a -> b -> c -> a|a → b → c → a|c -> a -> b -> c|b -> c -> a -> b|a -> c -> b -> a/,
      ],
    });
  });

  it("with an unknown tool is refused with the nearest name", async () => {
    const text = "plan: unknown\nsteps:\n  a:\n    tool: git.lag\n";
    await expectRefused("tool.yaml", text, { says: [/tool\.yaml:4:11: error unknown-tool/, "did you mean git.log?"] });
  });

  it("with wrong types is refused before anything runs", async () => {
    const text =
      "plan: types\nsteps:\n  a: { tool: git.log, with: { limit: many } }\n  b: { value: 1, when: \"'text'\" }\n";
    await expectRefused("types.yaml", text, {
      says: [/types\.yaml:3:\d+: error/, /types\.yaml:4:\d+: error/, "2 errors"],
    });
  });

  it("that is an alias bomb is refused quickly", async () => {
    const bomb = ["plan: bomb", "a: &a [x, x, x, x, x, x, x, x, x, x]"];
    for (const [name, before] of ["ba", "cb", "dc", "ed", "fe", "gf", "hg", "ih"]) {
      bomb.push(`${name}: &${name} [${Array.from({ length: 10 }, () => `*${before}`).join(", ")}]`);
    }
    await expectRefused("bomb.yaml", `${bomb.join("\n")}\nsteps: *i\n`, {
      says: [/bomb\.yaml:\d+:\d+: error alias-bomb/],
    });
  });

  it("that is too large is refused without being read", async () => {
    await expectRefused("large.yaml", `plan: large\n# ${"x".repeat(5 * 1024 * 1024)}\n`, {
      says: [/plan-too-large: large\.yaml:1:1: /, "next: split the plan"],
    });
  });

  it("that is not there is named", async () => {
    const ran = await place.run("run", "nowhere.yaml", "--plain");
    expect(ran).toMatchObject({ code: 2, stdout: "" });
    expect(ran.stderr).toMatch(/plan-file-unreadable: nowhere\.yaml/);
  });
});

describe("inputs", () => {
  const text = 'plan: needy\ninputs:\n  count: { type: integer }\nsteps:\n  a: { value: "${inputs.count}" }\n';

  it("that are missing are named, with how to give them", async () => {
    await expectRefused("needy.yaml", text, { says: ["missing-input", "--input count="] });
  });

  it("of the wrong type are refused", async () => {
    await expectRefused("needy.yaml", text, { args: ["--input", "count=many"], says: ["inputs.count", "wrong-type"] });
  });

  it("that the plan does not have are refused with the nearest name", async () => {
    const args = ["--input", "count=1", "--input", "cuont=2"];
    await expectRefused("needy.yaml", text, { args, says: ["unknown-input", "did you mean count?"] });
  });
});

describe("a tool module", () => {
  it("that throws while it is loaded is named with what it threw", async () => {
    await place.write("broken.mjs", 'throw new Error("no database here");\n');
    const ran = await place.run("run", "good.yaml", "--tools", "./broken.mjs", "--plain");
    expect(ran).toMatchObject({ code: 2, stdout: "" });
    expect(ran.stderr).toMatch(/tool-module-failed: .*broken\.mjs.*no database here/);
  });

  it("that is not there, or exports no tool, is named", async () => {
    const missing = await place.run("run", "good.yaml", "--tools", "./nowhere.ts");
    expect(missing.code).toBe(2);
    expect(missing.stderr).toMatch(/tool-module-missing: .*nowhere\.ts/);
    await place.write("empty.mjs", "export const answer = 42;\n");
    const empty = await place.run("run", "good.yaml", "--tools", "./empty.mjs");
    expect(empty.code).toBe(2);
    expect(empty.stderr).toMatch(/tool-module-empty: .*empty\.mjs/);
  });
});

describe("a command line", () => {
  it("with an unknown command or option is refused with the nearest one", async () => {
    const command = await place.run("rum", "good.yaml");
    expect(command.code).toBe(2);
    expect(command.stderr).toMatch(/unknown command 'rum'[\s\S]*run/);
    const option = await place.run("run", "good.yaml", "--plan");
    expect(option.code).toBe(2);
    expect(option.stderr).toMatch(/unknown option '--plan'[\s\S]*--plain/);
  });

  it("that names no plan of the store is refused", async () => {
    const ran = await place.run("show", "ffff0000");
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(/plan-unknown: .*ffff0000/);
  });
});
