import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import type { Client } from "#src/api/client.ts";
import { remoteClient } from "#src/client/remote.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { serving } from "../../e2e/serving.ts";
import { workplace } from "../../e2e/workplace.ts";
import { repositoryIn } from "./a-repository.ts";
import { changePlan } from "./change-plan.ts";

// A change that two people have to approve, in the real program, which is killed between their words, and after a revision. Each of them
// has a token of the HTTP door.

const SLOW_TEST_MS = 300_000;
const TOOLS = fileURLToPath(import.meta.resolve("./change.tools.ts"));
const PEOPLE = ["alice", "bob", "eve"] as const;
type Person = (typeof PEOPLE)[number];

const CONFIGURATION = [
  "roles: { owner: [token:alice, token:bob] }",
  "tokens:",
  ...PEOPLE.map((name) => `  ${name}: { sha256: "${createHash("sha256").update(name).digest("hex")}" }`),
].join("\n");

/** One change, which writes the text and needs the word of two owners. */
function asked(text: string): string {
  const plan = changePlan([{ id: "first", actions: [{ do: "write", path: "a.txt", text }] }]);
  const { first, ...steps } = plan["steps"] as Record<string, Record<string, unknown>>;
  const needs = [...(first?.["needs"] as string[]), "agree"];
  const agree = { approve: { role: "owner", approvers: 2 } };
  return JSON.stringify({ ...plan, steps: { agree, ...steps, first: { ...first, needs } } });
}

async function questionIn(client: Client, plan: string) {
  for (;;) {
    const { questions } = await client.review({ plan });
    if (questions[0] !== undefined) return questions[0];
    await client.status({});
  }
}

it(
  "a change that two have approved one after the other is made after the second word, whatever kills the program between them",
  { timeout: SLOW_TEST_MS },
  async () => {
    await using place = await workplace();
    const root = repositoryIn(path.join(place.path, "repository"), { "old.txt": "old" });
    await place.write("planwright.config.yaml", CONFIGURATION);

    /** Serves while somebody does something there, and is killed then. */
    async function served<T>(use: (as: Readonly<Record<Person, Client>>) => Promise<T>): Promise<T> {
      const server = await serving(place, ["--tools", TOOLS, "--root", "repository"]);
      await using opened = new AsyncDisposableStack();
      const as = (token: Person) => opened.use(remoteClient({ url: server.url, token }, { clock: systemClock }));
      const done = await use({ alice: as("alice"), bob: as("bob"), eve: as("eve") });
      expect(existsSync(path.join(root, "a.txt"))).toBe(false);
      server.kill("SIGKILL");
      expect(await server.ended).toMatchObject({ signal: "SIGKILL" });
      return done;
    }

    const { plan, seen } = await served(async ({ alice }) => {
      const submitted = await alice.submit({ source: asked("one"), format: "json" });
      const { hash } = await questionIn(alice, submitted.plan);
      await alice.approve({ plan: submitted.plan, step: "agree", hash });
      return { plan: submitted.plan, seen: hash };
    });

    const revised = await served(async ({ alice, bob, eve }) => {
      const question = await questionIn(bob, plan);
      expect(question).toMatchObject({ hash: seen, approvers: 2, missing: 1, reviews: [{ by: "token:alice" }] });
      expect(await alice.approve({ plan, step: "agree", hash: seen })).toMatchObject({ changed: false });
      expect(await questionIn(bob, plan)).toMatchObject({ missing: 1 });
      const without = eve.approve({ plan, step: "agree", hash: seen });
      await expect(without).rejects.toMatchObject({ code: "not-permitted" });
      await bob.requestChanges({ plan, step: "agree", hash: seen, note: "say two" });
      const revision = { plan, source: asked("two"), format: "json" as const };
      await alice.revise({ ...revision, edition: 1, note: "as bob wants it" });
      return (await questionIn(bob, plan)).hash;
    });
    expect(revised).not.toBe(seen);

    await served(async ({ alice, bob }) => {
      expect(await questionIn(bob, plan)).toMatchObject({ hash: revised, missing: 2, reviews: [] });
      for (const who of [alice, bob]) {
        const outdated = who.approve({ plan, step: "agree", hash: seen });
        await expect(outdated).rejects.toMatchObject({ code: "approval-outdated" });
      }
      await bob.approve({ plan, step: "agree", hash: revised });
      const { facts } = await bob.history({ plan });
      const dispatched = facts.filter(({ type }) => type === "StepDispatched").map(({ data }) => data);
      // What was killed while it ran has run again.
      expect(dispatched).not.toEqual([]);
      for (const attempt of dispatched) expect(attempt).toMatchObject({ step: "ready" });
    });

    const server = await serving(place, ["--tools", TOOLS, "--root", "repository"]);
    const alice = remoteClient({ url: server.url, token: "alice" }, { clock: systemClock });
    expect(await questionIn(alice, plan)).toMatchObject({ hash: revised, missing: 1, reviews: [{ by: "token:bob" }] });
    await alice.approve({ plan, step: "agree", hash: revised });
    for (;;) {
      const { settled, status } = await alice.wait({ plan, timeoutMs: 20_000 });
      if (settled && status === "succeeded") break;
      expect(["running", "succeeded"]).toContain(status);
    }
    expect(readFileSync(path.join(root, "a.txt"), "utf8")).toBe("two");
    const { audit = [] } = await alice.review({ plan, audit: true });
    expect(audit.map(({ what, by }) => `${what} ${by}`).filter((told) => !told.startsWith("asked"))).toEqual([
      "approved token:alice",
      "changes-requested token:bob",
      "revised token:alice",
      "approved token:bob",
      "approved token:alice",
    ]);
    server.kill("SIGTERM");
    await server.ended;
  },
);
