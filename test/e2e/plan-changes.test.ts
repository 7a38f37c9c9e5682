import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { EXIT } from "#src/cli/exit-code.ts";
import { KEY } from "../model/kit.ts";
import { execute } from "./command.ts";
import { peer } from "../model/peer.ts";
import { serving } from "./serving.ts";
import { workplace, type Workplace } from "./workplace.ts";

const REQUIREMENTS = `requirements: service
approvals: [{ name: risky, when: 'change.risk == "high"', role: owner, approvers: 2 }]
capabilities:
  - id: licence
    title: The licence is there
    check: { kind: file, files: LICENSE }
    remedies: [{ name: write, risk: high, actions: [{ do: write, path: LICENSE, text: "MIT" }] }]
  - id: readme
    title: There is a page
    check: { kind: file, files: README.md }
    needs: [licence]
    remedies: [{ name: write, actions: [{ do: write, path: README.md, text: "words" }] }]
  - id: stuck
    title: Nobody knows how
    check: { kind: file, files: nowhere.txt }
`;

describe("plan-changes", () => {
  it(
    "starts a plan that waits for approvals and for its begin, and says what stays open",
    { timeout: 120_000 },
    async () => {
      await using place = await workplace();
      await place.write("requirements.yaml", REQUIREMENTS);
      const asked = ["plan-changes", ".", "--requirements", "requirements.yaml"];
      const ran = await place.run(...asked, "--out", "next.plan.yaml", "--json");
      expect(ran.code, ran.stderr).toBe(EXIT.ok);
      const shown = JSON.parse(ran.stdout) as { plan: string };
      const { plan } = shown;
      expect(shown).toMatchObject({
        changes: [{ id: "licence" }, { id: "readme", needs: [{ on: "licence", reason: "readme needs licence" }] }],
        approvals: [{ policy: "risky", approvers: 2, role: "owner", changes: ["licence"] }],
        open: [{ requirement: "stuck", code: "gap-without-remedy" }],
        totals: { criticalPath: ["licence", "readme"] },
      });
      const why = await place.run("why", plan);
      expect(why.stdout).toContain("begin (waiting): it waits for the signal implement");
      expect(why.stdout).toContain("approve_risky (waiting)");
      const dry = await place.run(...asked, "--only", "stuck", "--dry-run");
      expect(dry.code, dry.stderr).toBe(EXIT.failed);
      expect(dry.stdout).toContain("no gap can be closed");
      const listed = await place.run("list", "--json");
      expect((JSON.parse(listed.stdout) as { plans: { name: string }[] }).plans.map(({ name }) => name)).toEqual([
        "drafting",
        "changes_service",
        "drafting",
      ]);
    },
  );

  it(
    "puts before reviewers each change once, what the last revision has changed of it, and who has said what",
    { timeout: 120_000 },
    async () => {
      await using place = await workplace();
      const more = "approvals: [{ name: all, for: change },";
      await place.write("requirements.yaml", REQUIREMENTS.replace("approvals: [", more).replace(", role: owner", ""));
      const asked = ["plan-changes", ".", "--requirements", "requirements.yaml"];
      expect((await place.run(...asked, "--out", "next.plan.yaml")).code).toBe(EXIT.ok);
      await place.run("comment", "last", "why MIT?", "--step", "approve_risky");
      await place.run("request-changes", "last", "approve_risky", "--note", "say ISC", "--yes");
      const text = await readFile(path.join(place.path, "next.plan.yaml"), "utf8");
      await place.write("other.plan.yaml", text.replace("text: MIT", "text: ISC"));
      const revised = await place.run("revise", "last", "other.plan.yaml", "--yes", "--note", "as asked");
      expect(revised.code, revised.stderr).toBe(EXIT.ok);
      expect((await place.run("approve", "last", "approve_risky", "--yes")).code).toBe(EXIT.ok);
      const { stdout } = await place.run("review", "last", "--audit");
      expect(stdout.match(/# The licence is there/gu)).toHaveLength(1);
      expect(stdout).toContain("  - licence, as above\n");
      expect(stdout).toMatch(/^ {2}by 2 people\n {2}approved by os:\w+$/mu);
      expect(stdout).toMatch(
        /: as asked\n(?:.*\n)*? {2}~ licence call\n {4}call\.with\.change\.actions\.0\.text\n {6}- MIT\n {6}\+ ISC$/mu,
      );
      expect(stdout).toMatch(/os:\w+ about approve_risky: why MIT\?\n/u);
      expect(stdout).toMatch(/changes-requested approve_risky \(\w+\): say ISC\n/u);
    },
  );

  it(
    "gives a language model that it asks what is known of the codebase, and no secrets",
    { timeout: 180_000 },
    async () => {
      await using place = await workplace();
      const proposal = { refusal: null, title: "Writes it", actions: [{ do: "write", path: "LICENSE", text: "MIT" }] };
      const served = await peer([{ text: JSON.stringify(proposal) }]);
      const model = served.settings("openai-compatible", { key: { env: "A_MODEL_KEY" } });
      await place.write("planwright.config.yaml", JSON.stringify({ models: { default: model } }));
      await place.write(
        "project/package.json",
        JSON.stringify({ name: "shelf", devDependencies: { vitest: "^4.0.0" } }),
      );
      await place.write("project/src/books.ts", "export const books = 1;\n");
      await place.write("project/.gitignore", "hidden.ts\n");
      await place.write("project/hidden.ts", "export const ignored = 'an-ignored-text';\n");
      await place.write("project/.env", "WORD=a-text-of-the-environment\n");
      const asking = (check: string): string => `requirements: shelf
capabilities:
  - id: licence
    title: The licence is there
    check: ${check}
    remedies: [{ name: asked, ask: write the licence, files: [LICENSE, package.json, .env, hidden.ts] }]
`;
      await place.write("requirements.yaml", asking("{ kind: file, files: LICENSE }"));
      const asked = [
        "plan-changes",
        "project",
        "--requirements",
        "requirements.yaml",
        "--model",
        "default",
        "--dry-run",
      ];
      const run = () => place.runAs({ env: { A_MODEL_KEY: KEY } }, ...asked, "--json");
      const ran = await run();
      expect(ran.code, ran.stderr).toBe(EXIT.ok);
      expect(JSON.parse(ran.stdout)).toMatchObject({ changes: [{ remedy: "model:default" }] });
      const prompt = JSON.stringify(served.requests[0]?.body);
      const codebase = /<data name=\\"codebase\\">(.*?)<\/data>/u.exec(prompt)?.[1] ?? "";
      for (const known of ["TypeScript", "shelf", "vitest"]) expect(codebase).toContain(known);
      for (const kept of ["a-text-of-the-environment", "an-ignored-text", "hidden.ts\\n"])
        expect(prompt).not.toContain(kept);
      expect(prompt).toContain("devDependencies");
      // Nothing is asked, so nothing is summarised.
      await place.write("requirements.yaml", asking("{ kind: file, files: package.json }"));
      const met = await run();
      expect(met.code, met.stderr).toBe(EXIT.ok);
      expect(served.requests).toHaveLength(1);
      const toolsOf = async ({ stdout }: { readonly stdout: string }): Promise<string> => {
        const { drafting } = JSON.parse(stdout) as { drafting: string };
        const history = await place.run("history", drafting, "--json");
        const { events } = JSON.parse(history.stdout) as { events: { type: string }[] };
        return JSON.stringify(events.filter(({ type }) => type === "StepDispatched"));
      };
      expect(await toolsOf(ran)).toContain("code.context");
      expect(await toolsOf(met)).toContain("code.outline");
      expect(await toolsOf(met)).not.toContain("code.context");
    },
  );
});

/** A project in the workplace, as a repository of its own. */
async function project(place: Workplace): Promise<void> {
  await place.write("project/notes.txt", "words\n");
  await place.write("requirements.yaml", REQUIREMENTS.replace(", role: owner, approvers: 2", ""));
  const git = async (...args: readonly string[]) => {
    const ran = await execute(
      ["git", "-C", "project", "-c", "user.name=Me", "-c", "user.email=me@localhost", ...args],
      {
        cwd: place.path,
      },
    );
    expect(ran.code, ran.stderr).toBe(0);
  };
  await git("init", "--quiet", "--initial-branch=main");
  await git("add", "--all");
  await git("commit", "--quiet", "--message=As it was");
}

describe("beside a process that serves", { timeout: 120_000 }, () => {
  const asked = ["project", "--requirements", "requirements.yaml"];

  it("assess, plan-changes, backlog and implement run there, and take DIR from where they are", async () => {
    await using place = await workplace();
    await project(place);
    const server = await serving(place);
    const assessed = await place.run("assess", ...asked, "--json");
    expect(assessed.code, assessed.stderr).toBe(EXIT.failed);
    const found = JSON.parse(assessed.stdout) as { plan: string };
    expect(found).toMatchObject({
      directory: "project",
      answers: [{ verdict: "unmet" }, { verdict: "unmet" }, { verdict: "unmet" }],
    });
    // One that was made alone says another directory from another root.
    const alone = await place.run("assess", ...asked, "--json", "--store", "own");
    expect(JSON.parse(alone.stdout), alone.stderr).toMatchObject({ directory: "." });
    await place.write("assessed.json", alone.stdout);
    const planned = await place.run("plan-changes", ...asked, "--assessment", "assessed.json", "--json");
    const { plan } = JSON.parse(planned.stdout) as { plan: string };
    const approved = await place.run("approve", plan, "--yes");
    expect(approved.code, approved.stderr).toBe(EXIT.ok);
    const ran = await place.run("implement", plan, "--plain");
    expect(ran.code, ran.stderr).toBe(EXIT.ok);
    const now = await place.run("assess", ...asked);
    expect(now.stdout, now.stderr).toContain("service: 2 met, 1 unmet, 0 broken");
    const missing = await place.run("backlog");
    expect(missing, missing.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining("requirements:") });
    server.kill("SIGTERM");
    const served = await server.ended;
    expect(served.stdout).toContain(found.plan);
  });

  it("a directory outside its root, and grants of one's own, are refused with what to do", async () => {
    await using place = await workplace();
    await project(place);
    await place.write("inner/keep", "");
    const server = await serving(place, ["--root", "inner"]);
    const outside = await place.run("assess", ...asked);
    expect(outside.code).toBe(EXIT.usage);
    expect(outside.stderr).toMatch(/outside-root: .*project is not inside .*inner,[\s\S]*--root[\s\S]*--store DIR/);
    const own = await place.run("plan-changes", ...asked, "--root", ".");
    expect(own.code).toBe(EXIT.store);
    expect(own.stderr).toMatch(/store-locked: .*\(planwright serve\).*leave out --root/);
    server.kill("SIGTERM");
    await server.ended;
  });
});
