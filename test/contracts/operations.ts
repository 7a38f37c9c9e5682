// What every door over the operations keeps to: in-process, local socket, HTTP.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Client, Output } from "#src/api/client.ts";
import { served, type DoorName, type Served } from "../http/served.ts";

const GATED = (gate: string, tool = "gate.pass"): string => `plan: gated
steps:
  first: { value: 1 }
  wait: { tool: ${tool}, with: { gate: ${gate} }, retry: { attempts: 1 } }
  last: { value: "\${steps.wait.output} after \${steps.first.output}" }
respond: "\${steps.last.output}"
`;

const GREETING = `plan: greeting
inputs:
  name: { type: string }
  times: { type: integer, default: 1 }
steps:
  greet: { value: "\${inputs.name} \${inputs.times}" }
respond: "\${steps.greet.output}"
`;

const UNDOABLE = (gate: string): string => `plan: undoable
steps:
  make: { tool: gate.once, with: { gate: ${gate} }, undo: { tool: gate.pass, with: { gate: ${gate}-back } } }
`;

const REVIEWED = `plan: reviewed
steps:
  review: { approve: { show: "is it good?" } }
  after: { value: "\${steps.review.output.by}", needs: [review] }
respond: "\${steps.after.output}"
`;

const NO_PLAN = "00000000-0000-4000-8000-000000000000";

export function operationsContract(door: DoorName, actor: string): void {
  let there: Served;
  let client: Client;
  let made = 0;

  beforeAll(async () => {
    there = await served();
    client = there.clients[door];
  });
  afterAll(() => there[Symbol.asyncDispose]());

  const gate = (): string => `${door}-${made++}`;
  const start = async (source: string, more: object = {}): Promise<string> =>
    (await client.submit({ source, ...more })).plan;
  const ended = async (plan: string): Promise<Output<"wait">> => {
    for (;;) {
      const seen = await client.wait({ plan, timeoutMs: 20_000 });
      if (seen.settled) return seen;
    }
  };
  /** Asks again until it is so: what a plan does by itself comes a moment later. */
  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    while (!(await isSo())) await client.status({});
  };
  const asked = async (plan: string): Promise<Output<"approvals">["approvals"][number]> => {
    await until(async () => (await client.approvals({ plan })).approvals.length > 0);
    return (await client.approvals({ plan })).approvals[0]!;
  };
  const waitingAt = async (name: string, tool?: string): Promise<string> => {
    const plan = await start(GATED(name, tool));
    await there.gates.until(name);
    return plan;
  };

  describe("submit", () => {
    it("starts a plan and gives its id; wait gives its response", async () => {
      const plan = await start(GREETING, { inputs: { name: "Ada" } });
      expect(await ended(plan)).toMatchObject({ plan, status: "succeeded", settled: true, response: "Ada 1" });
    });

    it("takes a plan as a value, and inputs as texts", async () => {
      const source = { plan: "valued", inputs: { n: { type: "integer" } }, steps: { a: { value: "${inputs.n + 1}" } } };
      const { plan } = await client.submit({ source, texts: { n: "41" } });
      expect(await ended(plan)).toMatchObject({ status: "succeeded", ended: 1 });
      const { facts } = await client.history({ plan });
      expect(facts.find(({ type }) => type === "StepSucceeded")?.data).toMatchObject({ output: { inline: 42 } });
    });

    it("refuses a plan that cannot run, with the places of what is wrong, and starts nothing", async () => {
      const before = await client.list({});
      const wrong = client.submit({ source: GREETING.replace("inputs.name", "inputs.nmae"), file: "greet.yaml" });
      await expect(wrong).rejects.toMatchObject({
        code: "plan-refused",
        details: { findings: [{ code: "unknown-property", file: "greet.yaml", line: 6, suggestion: "name" }] },
      });
      const missing = client.submit({ source: GREETING });
      await expect(missing).rejects.toMatchObject({
        code: "plan-refused",
        details: { findings: [{ code: "missing-input" }] },
      });
      expect(await client.list({})).toEqual(before);
    });

    it("refuses what does not fit its schema, by the place", async () => {
      const wrong = client.submit({ source: "plan: a", sauce: 1 } as never);
      await expect(wrong).rejects.toMatchObject({ code: "invalid-input" });
      const missing = client.submit({} as never);
      await expect(missing).rejects.toMatchObject({
        code: "invalid-input",
        details: { findings: [{ path: ["source"] }] },
      });
    });

    it("names who asked in the facts that follow", async () => {
      const plan = await start(GREETING, { inputs: { name: "Ada" } });
      const { facts } = await client.history({ plan });
      expect(facts[0]).toMatchObject({ type: "PlanDrafted", revision: 0, actor, plan });
    });
  });

  describe("a client key", () => {
    it("attaches to the plan that began with the same plan and inputs", async () => {
      const key = gate();
      const first = await client.submit({ source: GREETING, inputs: { name: "Ada" }, key });
      const second = await client.submit({ source: GREETING, texts: { name: "Ada" }, key });
      expect([first.attached, second.attached]).toEqual([false, true]);
      expect(second.plan).toBe(first.plan);
      await ended(first.plan);
      expect(await client.submit({ source: GREETING, inputs: { name: "Ada" }, key })).toMatchObject({ attached: true });
    });

    it("is refused with another plan or other inputs, which are named", async () => {
      const key = gate();
      const { plan } = await client.submit({ source: GREETING, inputs: { name: "Ada" }, key });
      const other = client.submit({ source: GREETING, inputs: { name: "Bob" }, key });
      await expect(other).rejects.toMatchObject({
        code: "client-key-conflict",
        details: { plan, differing: ["input name"] },
      });
      const changed = client.submit({
        source: GREETING.replace("greet:", "hello:").replace("greet.", "hello."),
        inputs: { name: "Ada" },
        key,
      });
      await expect(changed).rejects.toMatchObject({ details: { differing: ["the plan"] } });
    });

    it("gives two clients that start at once the same plan, once", async () => {
      const key = gate();
      const asked = Array.from({ length: 8 }, () => client.submit({ source: GREETING, inputs: { name: "Ada" }, key }));
      const answers = await Promise.all(asked);
      expect(new Set(answers.map(({ plan }) => plan)).size).toBe(1);
      expect(answers.filter(({ attached }) => !attached)).toHaveLength(1);
      const { facts } = await client.history({ plan: answers[0]!.plan });
      expect(facts.filter(({ type }) => type === "PlanStarted")).toHaveLength(1);
    });

    it("lets one of two different plans win that start at once", async () => {
      const key = gate();
      const names = ["Ada", "Bob", "Cy", "Dee"];
      const asked = names.map((name) => client.submit({ source: GREETING, inputs: { name }, key }));
      const answers = await Promise.allSettled(asked);
      expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      for (const answer of answers) {
        if (answer.status === "rejected") expect(answer.reason).toMatchObject({ code: "client-key-conflict" });
      }
    });
  });

  describe("list", () => {
    it("filters by status, name and text, and pages by cursor", async () => {
      const name = `paged ${door}`;
      const source = (index: number): string =>
        `plan: paged_${door.replace("-", "_")}\nsteps:\n  s${index}: { value: 1 }\n`;
      const plans: string[] = [];
      for (let index = 0; index < 5; index++) plans.push(await start(source(index)));
      for (const plan of plans) await ended(plan);
      const query = { name: name.replaceAll(/[ -]/g, "_"), status: "succeeded", limit: 2 } as const;
      const first = await client.list(query);
      const second = await client.list({ ...query, cursor: first.next! });
      const third = await client.list({ ...query, cursor: second.next! });
      const listed = [...first.plans, ...second.plans, ...third.plans].map(({ plan }) => plan);
      expect(listed.toSorted()).toEqual(plans.toSorted());
      expect(third.next).toBeUndefined();
      expect((await client.list({ text: plans[0]!.slice(-12) })).plans.map(({ plan }) => plan)).toEqual([plans[0]]);
      expect((await client.list({ status: ["failed", "cancelled"], name: query.name })).plans).toEqual([]);
      await expect(client.list({ cursor: "nowhere" })).rejects.toMatchObject({ code: "cursor-malformed" });
    });
  });

  describe("looking", () => {
    it("shows a plan that runs, its steps as a tree, and why it waits", async () => {
      const name = gate();
      const plan = await waitingAt(name);
      expect(await client.get({ plan: plan.slice(-8) })).toMatchObject({
        plan,
        status: "running",
        settled: false,
        ended: 1,
      });
      const { steps } = await client.steps({ plan });
      expect(steps).toMatchObject([
        { step: "first", indent: 0, state: "succeeded" },
        { step: "wait", indent: 0, state: "running", tool: "gate.pass" },
        { step: "last", state: "pending" },
      ]);
      expect(await client.why({ plan, step: "last" })).toMatchObject({
        status: "running",
        steps: [{ step: "last", reason: { kind: "needs", open: [{ step: "wait", state: "running" }] } }],
      });
      expect((await client.why({ plan })).steps.map(({ step }) => step)).toEqual(["wait", "last"]);
      expect((await client.list({ live: true })).plans.map((row) => row.plan)).toContain(plan);
      there.gates.open(name);
      await ended(plan);
      expect((await client.timing({ plan })).criticalPath?.steps.map(({ step }) => step)).toContain("wait");
    });

    it("pages through steps and history, and shows any revision as it was", async () => {
      const plan = await start(GREETING, { inputs: { name: "Ada" } });
      await ended(plan);
      const first = await client.history({ plan, limit: 2 });
      expect(first).toMatchObject({ last: 3, next: 2, facts: [{ revision: 0 }, { revision: 1 }] });
      const second = await client.history({ plan, from: 2 });
      expect(second.facts.map(({ type }) => type)).toEqual(["StepSucceeded", "PlanSucceeded"]);
      expect(second.next).toBeUndefined();
      expect(await client.get({ plan, revision: 1 })).toMatchObject({ status: "running", revision: 1, ended: 0 });
      await expect(client.get({ plan, revision: 9 })).rejects.toMatchObject({ code: "bad-revision" });
      const chain = Array.from({ length: 5 }, (_, index) => `  s${index}: { value: ${index} }`).join("\n");
      const long = await start(`plan: long\nsteps:\n${chain}\n`);
      await ended(long);
      const page = await client.steps({ plan: long, limit: 3 });
      const rest = await client.steps({ plan: long, limit: 3, after: page.next! });
      expect([...page.steps, ...rest.steps].map(({ step }) => step)).toEqual(["s0", "s1", "s2", "s3", "s4"]);
      expect(rest.next).toBeUndefined();
    });

    it("gives the definition, and payloads that are kept beside the log", async () => {
      const text = "x".repeat(40_000);
      const plan = await start(`plan: big\nsteps:\n  a: { value: "${text}" }\n`);
      await ended(plan);
      expect(await client.definition({ plan })).toMatchObject({ definition: { name: "big", steps: [{ id: "a" }] } });
      const { facts } = await client.history({ plan });
      const { output } = facts.find(({ type }) => type === "StepSucceeded")!.data as { output: { blob: string } };
      expect(await client.payload({ ref: output.blob })).toEqual({ value: text });
      await expect(client.payload({ ref: "0".repeat(64) })).rejects.toMatchObject({ code: "blob-missing" });
    });

    it("refuses a plan that is not there, whatever is asked of it", async () => {
      const asked = [
        client.get({ plan: NO_PLAN }),
        client.steps({ plan: NO_PLAN }),
        client.history({ plan: NO_PLAN }),
        client.cancel({ plan: NO_PLAN }),
        client.retry({ plan: NO_PLAN }),
        client.wait({ plan: NO_PLAN }),
        client.resume({ plan: NO_PLAN }),
        client.events({ plan: NO_PLAN })[Symbol.asyncIterator]().next(),
        client.live({ plan: NO_PLAN })[Symbol.asyncIterator]().next(),
      ];
      for (const answer of await Promise.allSettled(asked)) {
        expect(answer).toMatchObject({ status: "rejected", reason: { code: "plan-unknown" } });
      }
    });

    it("says who answers, which tools there are, and that all is well", async () => {
      expect(await client.status({})).toMatchObject({ pid: process.pid, quarantined: 0, caller: actor });
      expect((await client.tools({})).tools.map(({ name }) => name)).toContain("gate.pass");
      expect(await client.tool({ name: "gate.once" })).toMatchObject({ idempotent: false, sideEffects: "write" });
      await expect(client.tool({ name: "gate.pas" })).rejects.toThrow(/did you mean gate\.pass/);
      expect(await client.quarantined({})).toEqual({ plans: [] });
      expect(await client.examination({})).toMatchObject({ ok: true, verified: { damages: [] } });
    });

    it("validates without starting anything", async () => {
      expect(await client.validate({ source: GREETING })).toMatchObject({ ok: true, definition: { name: "greeting" } });
      expect(await client.validate({ source: GREETING, inputs: {} })).toMatchObject({
        ok: false,
        findings: [{ code: "missing-input" }],
      });
      const typo = await client.validate({ source: "plan: a\nsteps:\n  b: { tol: x }\n" });
      expect(typo.findings[0]).toMatchObject({ line: 3, suggestion: "tool" });
    });

    it("waits no longer than it was told", async () => {
      const plan = await waitingAt(gate());
      expect(await client.wait({ plan, timeoutMs: 1 })).toMatchObject({ settled: false, status: "running" });
      await client.cancel({ plan });
    });
  });

  describe("answering", () => {
    it("cancels a plan that runs; asking again changes nothing", async () => {
      const plan = await waitingAt(gate());
      expect(await client.cancel({ plan, note: "enough" })).toMatchObject({ plan, name: "gated", changed: true });
      expect(await ended(plan)).toMatchObject({ status: "cancelled" });
      expect(await client.cancel({ plan })).toMatchObject({ changed: false, status: "cancelled" });
      const { facts } = await client.history({ plan });
      const asked = facts.find(({ type }) => type === "PlanCancelRequested");
      expect(asked).toMatchObject({ actor, data: { note: "enough" } });
    });

    it("retries a plan that failed from its failed step", async () => {
      const name = gate();
      const plan = await waitingAt(name);
      there.gates.fail(name);
      expect(await ended(plan)).toMatchObject({ status: "failed", error: { code: "steps-failed" } });
      there.gates.close(name);
      expect(await client.retry({ plan })).toMatchObject({ changed: true, goesOn: true });
      await there.gates.until(name, 2);
      there.gates.open(name);
      expect(await ended(plan)).toMatchObject({ status: "succeeded", response: `${name} passed after 1` });
      await expect(client.retry({ plan })).rejects.toMatchObject({ code: "plan-ended" });
    });

    it("gives a failed step an outcome, and the plan goes on from there", async () => {
      const name = gate();
      const plan = await waitingAt(name);
      there.gates.fail(name);
      await ended(plan);
      const outcome = { kind: "done", output: "by hand" } as const;
      expect(await client.give({ plan, step: "wait", outcome })).toMatchObject({ changed: true });
      expect(await ended(plan)).toMatchObject({ status: "succeeded", response: "by hand after 1" });
      const unknown = client.give({ plan, step: "nowhere", outcome });
      await expect(unknown).rejects.toMatchObject({ code: "plan-ended" });
    });

    it("answers for an attempt of which nobody knows how it ended", async () => {
      const name = gate();
      const source = GATED(name, "gate.once").replace("retry: { attempts: 1 }", "timeout: 50ms");
      const plan = await start(source);
      expect(await ended(plan)).toMatchObject({ settled: true, status: "running", unknown: ["wait"] });
      const known = client.resolve({ plan, step: "first", answer: { kind: "retry" } });
      await expect(known).rejects.toMatchObject({ code: "outcome-known" });
      await client.resolve({ plan, step: "wait", answer: { kind: "done", output: "seen" } });
      expect(await ended(plan)).toMatchObject({ status: "succeeded", response: "seen after 1" });
    });

    it("pauses a plan, and resumes it", async () => {
      const name = gate();
      const plan = await waitingAt(name);
      expect(await client.pause({ plan, note: "lunch" })).toMatchObject({ status: "paused", changed: true });
      expect(await client.pause({ plan })).toMatchObject({ changed: false });
      there.gates.open(name);
      expect(await client.wait({ plan, timeoutMs: 100 })).toMatchObject({ settled: false, status: "paused" });
      expect(await client.resume({ plan })).toMatchObject({ plans: [{ plan }] });
      expect(await ended(plan)).toMatchObject({ status: "succeeded" });
      await expect(client.pause({ plan })).rejects.toMatchObject({ code: "plan-ended" });
    });

    it("sends signals, early ones too; one with the same id is no other one", async () => {
      const name = gate();
      const plan = await start(`plan: signalled
steps:
  held: { tool: gate.pass, with: { gate: ${name} } }
  paid: { signal: paid, needs: [held] }
respond: "\${steps.paid.output.amount}"
`);
      const sent = { plan, name: "paid", payload: { amount: 12 }, id: "order 7" };
      expect(await client.signal(sent)).toMatchObject({ changed: true });
      expect(await client.signal(sent)).toMatchObject({ changed: false });
      there.gates.open(name);
      expect(await ended(plan)).toMatchObject({ status: "succeeded", response: 12 });
      const { facts } = await client.history({ plan });
      expect(facts.filter(({ type }) => type === "SignalReceived")).toMatchObject([{ actor, data: { by: actor } }]);
      expect(await client.signal(sent)).toMatchObject({ changed: false });
      await expect(client.signal({ ...sent, id: "order 8" })).rejects.toMatchObject({ code: "plan-ended" });
    });

    it("approves what was shown, and nothing else; only the first answer counts", async () => {
      const plan = await start(REVIEWED);
      const { step, hash, show } = await asked(plan);
      expect({ step, show }).toEqual({ step: "review", show: "is it good?" });
      expect(await client.why({ plan, step: "review" })).toMatchObject({
        steps: [{ reason: { kind: "approval", hash } }],
      });
      const outdated = client.approve({ plan, step, hash: "another" });
      await expect(outdated).rejects.toMatchObject({ code: "approval-outdated" });
      const answers = await Promise.allSettled([
        client.approve({ plan, step, hash, note: "fine" }),
        client.approve({ plan, step, hash }),
      ]);
      expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
      expect(await ended(plan)).toMatchObject({ status: "succeeded", response: actor });
      expect(await client.approvals({ plan })).toMatchObject({ approvals: [] });
      await expect(client.deny({ plan, step, hash })).rejects.toMatchObject({ code: "approval-decided" });
    });

    it("denies, which fails the step", async () => {
      const plan = await start(REVIEWED);
      const { step, hash } = await asked(plan);
      await client.deny({ plan, step, hash, note: "not like this" });
      expect(await ended(plan)).toMatchObject({ status: "failed" });
      await expect(client.approve({ plan, step, hash })).rejects.toMatchObject({ code: "approval-decided" });
    });

    it("takes the first of an approval and a cancellation that come at once", async () => {
      for (let round = 0; round < 5; round++) {
        const plan = await start(REVIEWED);
        const { step, hash } = await asked(plan);
        const [approved, cancelled] = await Promise.allSettled([
          client.approve({ plan, step, hash }),
          client.cancel({ plan }),
        ]);
        const { status } = await ended(plan);
        if (status === "succeeded") expect(approved.status).toBe("fulfilled");
        else expect([status, cancelled.status]).toEqual(["cancelled", "fulfilled"]);
        for (const answer of [approved, cancelled]) {
          if (answer.status === "rejected")
            expect(["plan-ended", "plan-ending", "nothing-to-approve"]).toContain(answer.reason.code);
        }
      }
    });

    it("asks for the role that a step names", async () => {
      const plan = await start(REVIEWED.replace("approve: {", "approve: { role: editor,"));
      const { step, hash, role } = await asked(plan);
      expect(role).toBe("editor");
      await expect(client.approve({ plan, step, hash })).rejects.toMatchObject({ code: "not-permitted" });
      await client.cancel({ plan });
    });

    it("lists what comes by itself", async () => {
      const plan = await start("plan: napping\nsteps:\n  nap: { wait: 1h }\n");
      await until(async () => (await client.timers({ plan })).timers.length > 0);
      expect(await client.timers({ plan })).toMatchObject({ timers: [{ kind: "wait", step: "nap", stands: false }] });
      await client.cancel({ plan });
    });

    it("rolls back what can be taken back", async () => {
      const name = gate();
      const plan = await start(UNDOABLE(name));
      there.gates.open(name);
      await ended(plan);
      there.gates.open(`${name}-back`);
      expect(await client.rollback({ plan })).toMatchObject({ status: "rolling-back", changed: true, goesOn: true });
      expect(await ended(plan)).toMatchObject({ status: "rolled-back" });
      expect(there.gates.reached).toContain(`${name}-back`);
    });

    it("rolls back no irreversible step that was not accepted", async () => {
      const name = gate();
      there.gates.open(name);
      const plan = await start(GATED(name, "gate.final").replace("retry: { attempts: 1 }", "irreversible: true"));
      await ended(plan);
      await expect(client.rollback({ plan })).rejects.toMatchObject({ code: "irreversible-steps" });
      expect(await client.rollback({ plan, acceptIrreversible: true })).toMatchObject({ changed: true });
      expect(await ended(plan)).toMatchObject({ status: "rolled-back" });
    });

    it("has nothing to take up, and nobody to release", async () => {
      const name = gate();
      there.gates.open(name);
      const plan = await start(GATED(name));
      await ended(plan);
      await expect(client.resume({ plan })).rejects.toMatchObject({ code: "plan-ended" });
      await expect(client.release({ plan })).rejects.toMatchObject({ code: "plan-not-quarantined" });
    });
  });

  describe("following", () => {
    it("streams a plan's facts from the beginning and as they come, and from a position on", async () => {
      const name = gate();
      const plan = await waitingAt(name);
      const stop = new AbortController();
      const seen: Output<"events">[] = [];
      for await (const fact of client.events({ plan }, { signal: stop.signal })) {
        seen.push(fact);
        if (fact.type === "StepDispatched") there.gates.open(name);
        if (fact.type === "PlanSucceeded") break;
      }
      expect(seen.map(({ revision }) => revision)).toEqual(seen.map((_, index) => index));
      expect(seen.every((fact) => fact.plan === plan)).toBe(true);
      const { facts } = await client.history({ plan });
      expect(seen).toEqual(facts);
      const third = seen[2]!;
      for await (const fact of client.events({ plan, after: third.position }, { signal: stop.signal })) {
        expect(fact.revision).toBe(3);
        break;
      }
      stop.abort();
    });

    it("streams what happens in tools right now", async () => {
      const name = gate();
      const stop = new AbortController();
      const heard: Output<"live">[] = [];
      const listening = client.live({}, { signal: stop.signal })[Symbol.asyncIterator]();
      const first = listening.next();
      // The first facts of a plan that was started after the subscription prove that it stands.
      await client.status({});
      const plan = await waitingAt(name);
      const { value, done } = await first;
      if (done !== true) heard.push(value);
      expect(heard).toMatchObject([{ kind: "progress", plan, step: "wait", percent: 50, message: `at ${name}` }]);
      stop.abort();
      await client.cancel({ plan });
    });

    it("ends when whoever follows says so", async () => {
      const stop = new AbortController();
      const following = client.events({ after: (await client.status({})).head }, { signal: stop.signal });
      const next = following[Symbol.asyncIterator]().next();
      stop.abort();
      expect(await next).toMatchObject({ done: true });
    });
  });
}
