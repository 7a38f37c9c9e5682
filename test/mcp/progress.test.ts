import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LoggingMessageNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { Refusal, speaking, type Carrier, type Speaking } from "./speaking.ts";

const TWO = `plan: two
steps:
  one: { tool: gate.pass, with: { gate: first } }
  two: { tool: gate.pass, with: { gate: second }, needs: [one] }
`;

interface Told {
  readonly progress: number;
  readonly total?: number | undefined;
  readonly message?: string | undefined;
}

describe.each<Carrier>(["in memory", "over HTTP"])("a call that waits, %s", (carrier) => {
  let it_: Speaking;
  beforeEach(async () => void (it_ = await speaking(carrier)));
  afterEach(() => it_[Symbol.asyncDispose]());

  it("tells progress that grows, with the steps that run and what they say", async () => {
    const { served, call } = it_;
    const told: Told[] = [];
    const heard = new Map<RegExp, PromiseWithResolvers<void>>(
      [/running one/, /running two \(50 %: at second\)/].map((one) => [one, Promise.withResolvers()]),
    );
    const onprogress = (progress: Told): void => {
      told.push(progress);
      for (const [what, { resolve }] of heard) if (what.test(progress.message ?? "")) resolve();
    };
    const waiting = call("plan_submit", { source: TWO, waitSeconds: 60 }, { onprogress });
    const [first, second] = [...heard.values()];
    await first?.promise;
    served.gates.open("first");
    await second?.promise;
    served.gates.open("second");
    expect(await waiting).toMatchObject({ report: { status: "succeeded" } });
    expect(told.length).toBeGreaterThanOrEqual(2);
    for (const [index, { progress, total }] of told.entries()) {
      expect(total).toBe(100);
      expect(progress).toBeGreaterThan(told[index - 1]?.progress ?? -1);
    }
    expect(told.find(({ message }) => message?.includes("two"))?.progress).toBeGreaterThanOrEqual(50);
  });

  it("ends when it is taken back, and the plan goes on", async () => {
    const { served, call, client } = it_;
    const said = Promise.withResolvers<unknown>();
    client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => said.resolve(params.data));
    const { plan } = await call("plan_submit", { source: TWO });
    await served.gates.until("first");
    const taking = new AbortController();
    const waiting = call("plan_wait", { plan, waitSeconds: 60 }, { signal: taking.signal });
    taking.abort("no longer wanted");
    await expect(waiting).rejects.toThrow(/no longer wanted/);
    expect(await said.promise).toMatch(/plan_wait was taken back.*plan_cancel/);
    served.gates.open("first");
    served.gates.open("second");
    expect(await call("plan_wait", { plan, waitSeconds: 60 })).toMatchObject({ status: "succeeded" });
  });

  it("ends when only an approval is in the way", async () => {
    const source =
      "plan: asking\nsteps:\n  review: { approve: { show: fine? } }\n  last: { value: 1, needs: [review] }\n";
    const { report, next } = await it_.call("plan_submit", { source, waitSeconds: 300 });
    expect(report).toMatchObject({ status: "running", waiting: expect.anything() });
    expect(report.waiting[0]).toMatchObject({ step: "review", reason: { kind: "approval" } });
    expect(next).toMatch(/plan_approvals/);
  });

  it("is refused where too many wait already, and others still get through", async () => {
    const { served, call } = it_;
    const { plan } = await call("plan_submit", { source: TWO });
    await served.gates.until("first");
    const waits = Array.from({ length: 20 }, () =>
      call("plan_wait", { plan, waitSeconds: 60 }).then(
        () => "waited",
        (error: unknown) => (error instanceof Refusal ? error.code : "failed"),
      ),
    );
    const refused = await Promise.race([...waits]);
    expect(refused).toBe("too-many-calls");
    expect(await call("plan_status", { plan })).toMatchObject({ status: "running" });
    served.gates.open("first");
    served.gates.open("second");
    const ended = await Promise.all(waits);
    expect(ended.filter((one) => one === "waited")).toHaveLength(16);
  });
});
