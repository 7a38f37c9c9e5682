import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { EXIT } from "#src/cli/exit-code.ts";
import { workplace } from "./workplace.ts";

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
});
