import { describe, expect, it } from "vitest";
import { EXIT } from "#src/cli/exit-code.ts";
import { KEY } from "../model/kit.ts";
import { peer } from "../model/peer.ts";
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
