import { rm } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { expectHealthy, workplace, type Workplace } from "./workplace.ts";

const REQUIREMENTS = `requirements: demo
capabilities:
  - { id: licence, title: A licence, weight: 5, check: { kind: file, files: LICENSE } }
  - { id: usage, title: Usage, needs: [licence], check: { kind: pattern, files: README.md, matches: "^## Usage$" } }
  - { id: asked, title: Asked, check: { kind: command, run: [node, -e, ""] } }
  - { id: hangs, title: Hangs, check: { kind: command, run: [sleep, "100"], timeoutMs: 200 } }
`;

describe("assess", { timeout: 120_000 }, () => {
  let place: Workplace;
  beforeEach(async () => {
    place = await workplace();
    await place.write("requirements.yaml", REQUIREMENTS);
    await place.write("project/README.md", "# Demo\n");
  });
  afterEach(() => place[Symbol.asyncDispose]());
  const assess = (...options: readonly string[]) =>
    place.run("assess", "project", "--requirements", "requirements.yaml", ...options);

  it("tells what is met, unmet and broken, and the gaps with their reasons", async () => {
    const ran = await assess();
    expect(ran, ran.stderr).toMatchObject({ code: 1, stderr: "" });
    expect(ran.stdout).toMatch(/^unmet {3}licence {2}no file is called LICENSE/m);
    expect(ran.stdout).toMatch(/^met {5}asked /m);
    expect(ran.stdout).toMatch(/^broken {2}hangs {4}check-timeout: sleep 100 did not end within 200 ms/m);
    expect(ran.stdout).toMatch(/1\. licence {2}A licence\n.*weight 5, .*, unblocks usage\n {2}2\. usage/);
    expect(ran.stdout).toMatch(/^assessed: 1 file, 7 B\nby language: Markdown 1 \(7 B\)\n\n/);
    expect(ran.stdout).toMatch(/demo: 1 met, 2 unmet, 1 broken; 4 asked, 0 answers known\n$/);
    await expectHealthy(place);
  });

  it("is a plan of the store, and asks nothing twice", async () => {
    await assess("--json");
    const ran = await assess("--json");
    const { plan, answers } = JSON.parse(ran.stdout) as {
      plan: string;
      answers: { requirement: string; cached: boolean }[];
    };
    expect(answers.filter(({ cached }) => cached).map(({ requirement }) => requirement)).toEqual([
      "licence",
      "usage",
      "asked",
    ]);
    const shown = await place.run("show", plan, "--json");
    expect(JSON.parse(shown.stdout)).toMatchObject({ name: "assessment", status: "succeeded" });
    const anew = await assess("--json", "--no-cache");
    expect(anew.stdout).not.toContain('"cached":true');
  });

  it("is green where everything is met", async () => {
    await place.write("requirements.yaml", REQUIREMENTS.split("\n").slice(0, 4).join("\n"));
    await place.write("project/LICENSE", "MIT");
    await place.write("project/README.md", "# Demo\n\n## Usage\n");
    const ran = await assess();
    expect(ran, ran.stderr).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("2 met, 0 unmet, 0 broken") as string,
    });
  });

  it("refuses a file that is wrong, or not there, before anything is asked", async () => {
    await place.write("requirements.yaml", REQUIREMENTS.replace("needs: [licence]", "needs: [license]"));
    const wrong = await assess();
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toMatch(/^requirements\.yaml:4:\d+: error unknown-requirement/m);
    expect(wrong.stderr).toContain("did you mean licence?");
    await rm(path.join(place.path, "requirements.yaml"));
    const missing = await assess();
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining("requirements-unreadable") as string });
    const nowhere = await place.run("assess", "nowhere", "--requirements", "good.yaml");
    expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining("root-unusable") as string });
  });
});

describe("backlog", { timeout: 120_000 }, () => {
  it("makes requirements of what was refused, which are assessed", async () => {
    await using place = await workplace();
    const refused = await place.run("ask", "bake a chocolate cake");
    expect(refused.code, refused.stdout + refused.stderr).toBe(1);
    await place.write(
      "bad.yaml",
      "plan: bad\nsteps:\n  read: { tool: json.read, with: { path: none.json }, retry: 3 }\n",
    );
    for (const time of [1, 2, 3]) expect((await place.run("run", "bad.yaml")).code, String(time)).toBe(1);
    const ran = await place.run("backlog");
    expect(ran, ran.stderr).toMatchObject({ code: 0, stderr: "" });
    await place.write("backlog.yaml", ran.stdout);
    const assessed = await place.run("assess", ".", "--requirements", "backlog.yaml", "--json");
    const { answers } = JSON.parse(assessed.stdout) as { answers: readonly object[] };
    expect(answers, assessed.stderr).toMatchObject([
      { requirement: "works_json_read", verdict: "unmet" },
      { requirement: "can_bake_a_chocolate_cake", verdict: "unmet" },
    ]);
  });
});
