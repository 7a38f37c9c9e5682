import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { userInfo } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { prepared, QUICK } from "./prepared.ts";
import { serving } from "./serving.ts";
import { expectHealthy, type Workplace } from "./workplace.ts";

// One process holds a store; other terminals and programs speak with it over its local socket.

function holderOf(place: Workplace): { pid: number; socket: string; command: string } {
  return JSON.parse(readFileSync(path.join(place.store, "holder.json"), "utf8")) as never;
}

describe("a process that serves", () => {
  it("takes plans that are handed over, and lets other terminals look at them", async () => {
    await using place = await prepared();
    const server = await serving(place);
    const submitted = await place.run("submit", "quick.yaml", "--input", "n=41");
    expect(submitted, submitted.stderr).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[0-9a-f-]{36}\n$/) });
    const plan = submitted.stdout.trim();
    const watched = await place.run("watch", plan, "--plain");
    expect(watched, watched.stderr).toMatchObject({ code: 0, stdout: "42\n" });
    const followed = await place.run("submit", "quick.yaml", "--watch", "--plain");
    expect(followed, followed.stderr).toMatchObject({ code: 0, stdout: "2\n" });
    expect(followed.stderr).toMatch(/plan quick drafted with 1 step[\s\S]*plan succeeded[\s\S]*succeeded quick/);
    expect((await place.run("list")).stdout).toMatch(/succeeded[\s\S]*succeeded/);
    const filtered = await place.run("list", "--status", "succeeded", "--name", "quick", "--limit", "1");
    expect(filtered.stdout.trim().split("\n")).toHaveLength(1);
    expect(filtered.stderr).toMatch(/more by: --cursor \d+_/);
    expect((await place.run("list", "--status", "failed")).stdout).toBe("no such plans\n");
    expect((await place.run("list", "--status", "lost")).code).toBe(2);
    expect((await place.run("show", plan)).stdout).toMatch(/quick succeeded: 1 of 1 steps ended/);
    expect((await place.run("history", plan)).stdout).toMatch(/0 .*plan quick drafted[\s\S]*3 .*plan succeeded/);
    expect((await place.run("doctor")).stdout).toMatch(
      new RegExp(`held by process ${server.pid} \\(planwright serve\\)`),
    );
    server.kill("SIGTERM");
    expect(await server.ended).toMatchObject({ code: 0 });
    expect(existsSync(path.join(place.store, "holder.json"))).toBe(false);
    expect(existsSync(path.join(place.store, "door", "socket"))).toBe(false);
    await expectHealthy(place);
  });

  it("is reached by its own user alone", async () => {
    await using place = await prepared();
    const server = await serving(place);
    const { socket } = holderOf(place);
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(socket)).mode & 0o777).toBe(0o700);
    server.kill("SIGINT");
    expect(await server.ended).toMatchObject({ code: 0 });
  });

  it("refuses a plan that cannot run with its places, and says when nobody serves", async () => {
    await using place = await prepared();
    await place.run("run", "quick.yaml");
    const nobody = await place.run("submit", "quick.yaml");
    expect(nobody, nobody.stderr).toMatchObject({ code: 5, stdout: "" });
    expect(nobody.stderr).toMatch(/nobody-serves[\s\S]*planwright serve/);
    const server = await serving(place);
    await place.write("typo.yaml", QUICK.replace("inputs.n ", "inputs.m "));
    const refused = await place.run("submit", "typo.yaml");
    expect(refused, refused.stderr).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toMatch(/typo\.yaml:5:.*unknown-property[\s\S]*\^[\s\S]*nothing was run/);
    const held = await place.run("run", "quick.yaml");
    expect(held.code).toBe(5);
    expect(held.stderr).toMatch(/store-locked[\s\S]*planwright submit/);
    server.kill("SIGTERM");
    await server.ended;
  });

  it("hands called plans over with the one that calls them", async () => {
    await using place = await prepared();
    await place.write("caller.yaml", "plan: caller\nsteps:\n  it: { call: callee }\nrespond: ${steps.it.output.out}\n");
    await place.write(
      "callee.plan.yaml",
      "plan: callee\nsteps:\n  v: { value: called }\noutputs:\n  out: ${steps.v.output}\n",
    );
    const server = await serving(place);
    const ran = await place.run("submit", "caller.yaml", "--watch", "--plain");
    expect(ran, ran.stderr).toMatchObject({ code: 0, stdout: "called\n" });
    server.kill("SIGTERM");
    await server.ended;
  });

  it("goes on after a kill: the stale lock and socket are replaced, and a client key finds its plan", async () => {
    await using place = await prepared();
    const first = await serving(place);
    const submit = ["submit", "waiting.yaml", "--key", "the nap", "--json"];
    const { plan } = JSON.parse((await place.run(...submit)).stdout) as { plan: string };
    first.kill("SIGKILL");
    await first.ended;
    const { socket } = holderOf(place);
    expect(existsSync(socket)).toBe(true);
    expect((await place.run("show", plan)).stdout).toMatch(/waiting running/);
    const second = await serving(place);
    const again = await place.run(...submit);
    expect(JSON.parse(again.stdout), again.stderr).toEqual({ plan, attached: true });
    const other = await place.run("submit", "quick.yaml", "--key", "the nap");
    expect(other.code).toBe(2);
    expect(other.stderr).toMatch(/client-key-conflict.*the plan/);
    const cancelled = await place.run("cancel", plan);
    expect(cancelled, cancelled.stderr).toMatchObject({ code: 0, stdout: `${plan} cancelled\n` });
    second.kill("SIGTERM");
    expect((await second.ended).stderr).toMatch(/1 interrupted plan taken up/);
    await expectHealthy(place);
  });

  it("has a socket elsewhere when its own path is too long", async () => {
    await using place = await prepared();
    const deep = path.join(place.path, "d".repeat(60), "e".repeat(60));
    await mkdir(deep, { recursive: true });
    const store = path.join(deep, "store");
    const server = await serving(place, ["--store", store]);
    const { socket } = JSON.parse(readFileSync(path.join(store, "holder.json"), "utf8")) as { socket: string };
    expect(Buffer.byteLength(socket)).toBeLessThan(104);
    expect(statSync(path.dirname(socket)).mode & 0o777).toBe(0o700);
    const ran = await place.run("submit", "quick.yaml", "--watch", "--plain", "--store", store);
    expect(ran, ran.stderr).toMatchObject({ code: 0, stdout: "2\n" });
    server.kill("SIGTERM");
    await server.ended;
    expect(existsSync(socket)).toBe(false);
  });
});

describe("a plan that runs in one terminal", () => {
  it("can be watched and cancelled from others, and watching ends without stopping it", async () => {
    await using place = await prepared();
    const running = place.runAs({ onStderr: watchWhenWaiting }, "run", "waiting.yaml", "--plain");
    let looked: Promise<unknown> | undefined;
    function watchWhenWaiting(text: string): void {
      if (text.includes("nap: waits until")) looked ??= look();
    }
    async function look(): Promise<void> {
      let isStopped = false;
      const stopOnce = (said: string, child: { kill(signal: "SIGINT"): void }): void => {
        if (isStopped || !said.includes("nap: waits until")) return;
        isStopped = true;
        child.kill("SIGINT");
      };
      const detached = await place.runAs({ onStderr: stopOnce }, ...["watch", "last", "--all", "--plain"]);
      expect(detached, detached.stderr).toMatchObject({ code: 130, stdout: "" });
      expect(detached.stderr).toMatch(/detached waiting[\s\S]*it goes on/);
      const [watched, cancelled] = await Promise.all([
        place.run("watch", "last", "--json"),
        place.run("cancel", "last", "--note", "no time"),
      ]);
      expect(cancelled, cancelled.stderr).toMatchObject({ code: 0, stdout: expect.stringMatching(/ cancelled\n$/) });
      expect(watched.code, watched.stderr).toBe(3);
      expect(watched.stdout).toMatch(/"kind":"result".*"status":"cancelled"/);
    }
    expect(await running).toMatchObject({ code: 3, stdout: expect.stringMatching(/^Stopped: 0 of 2 steps done\./) });
    await looked;
    await expectHealthy(place);
  });

  it("keeps its process while plans run that others handed to it", async () => {
    await using place = await prepared();
    let handed: Promise<unknown> | undefined;
    const running = place.runAs(
      {
        onStderr: (text) => {
          if (text.includes("nap: waits until")) handed ??= handOver();
        },
      },
      ...["run", "waiting.yaml", "--plain"],
    );
    async function handOver(): Promise<void> {
      const other = await place.run("submit", "waiting.yaml", "--json");
      const { plan } = JSON.parse(other.stdout) as { plan: string };
      const { plans } = JSON.parse((await place.run("list", "--json")).stdout) as { plans: { plan: string }[] };
      const own = plans.find((row) => row.plan !== plan)!;
      await place.run("done", own.plan, "nap");
      await place.run("done", plan, "nap", "--note", "slept elsewhere");
    }
    const ran = await running;
    expect(ran, ran.stderr).toMatchObject({ code: 0, stdout: "7\n" });
    await handed;
    const { plans } = JSON.parse((await place.run("list", "--json")).stdout) as { plans: { status: string }[] };
    expect(plans.map(({ status }) => status)).toEqual(["succeeded", "succeeded"]);
  });

  it("takes answers from many terminals at once, each of which counts or is refused by its code", async () => {
    await using place = await prepared();
    const server = await serving(place);
    const { plan } = JSON.parse((await place.run("submit", "waiting.yaml", "--json")).stdout) as { plan: string };
    const answers = await Promise.all([
      place.run("cancel", plan, "--json"),
      place.run("done", plan, "nap", "--json"),
      place.run("skip", plan, "nap", "--json"),
      place.run("cancel", plan, "--json"),
    ]);
    for (const { code, stderr } of answers) {
      expect([0, 2], stderr).toContain(code);
      if (code === 2) expect(stderr).toMatch(/error (?:plan-ended|plan-ending|step-settled):/);
    }
    expect(answers.some(({ code }) => code === 0)).toBe(true);
    const shown = JSON.parse((await place.run("show", plan, "--json")).stdout) as { status: string };
    // A skipped step leaves the response without its value.
    expect(["cancelled", "succeeded", "failed"]).toContain(shown.status);
    server.kill("SIGTERM");
    await server.ended;
    await expectHealthy(place);
  });
});

describe("an approval", () => {
  const ASKING =
    "plan: asking\nsteps:\n  review: { approve: { role: editor, show: Is it good? } }\n  last: { value: 1, needs: [review] }\nrespond: out\n";

  it("is given in another terminal, by whoever the configuration gives the role", async () => {
    await using place = await prepared();
    await place.write("asking.yaml", ASKING);
    await place.write("roles.yaml", `roles:\n  editor: ["os:${userInfo().username}"]\n`);
    let answered: Promise<void> | undefined;
    const running = place.runAs(
      {
        onStderr: (text) => {
          if (text.includes("review: waits for approval")) answered ??= answer();
        },
      },
      ...["run", "asking.yaml", "--plain", "--config", "roles.yaml"],
    );
    async function answer(): Promise<void> {
      const unsure = await place.run("approve", "last");
      expect(unsure.code, unsure.stderr).toBe(2);
      expect(unsure.stderr).toMatch(/review asks editor to approve last\n {2}Is it good\?[\s\S]*not-confirmed/);
      const [approved, denied] = await Promise.all([
        place.run("approve", "last", "review", "--yes", "--note", "fine"),
        place.run("deny", "last", "review", "--yes"),
      ]);
      const codes = [approved.code, denied.code];
      expect(codes.toSorted(), approved.stderr + denied.stderr).toEqual([0, 2]);
    }
    const ran = await running;
    await answered;
    const history = await place.run("history", "last");
    if (ran.code === 0) expect(ran.stdout).toBe("out\n");
    else expect(history.stdout).toMatch(/denied/);
    await expectHealthy(place);
  });

  it("is refused to whoever has not the role", async () => {
    await using place = await prepared();
    await place.write("asking.yaml", ASKING);
    const server = await serving(place);
    await place.run("submit", "asking.yaml");
    const refused = await place.run("approve", "last", "review", "--yes");
    expect(refused.code, refused.stderr).toBe(2);
    expect(refused.stderr).toMatch(/not-permitted: os:.* has not the role editor/);
    server.kill("SIGTERM");
    await server.ended;
  });
});

describe("serving over HTTP", () => {
  it("takes the address and the tokens of the configuration", async () => {
    await using place = await prepared();
    const token = "a-token-of-a-test";
    const hash = createHash("sha256").update(token).digest("hex");
    const open = await place.run("serve", "--host", "0.0.0.0");
    expect(open).toMatchObject({ code: 2, stdout: "" });
    expect(open.stderr).toMatch(/tokens-needed[\s\S]*tokens/);
    await place.write("planwright.config.yaml", `tokens:\n  ci: { sha256: "${hash}" }\n`);
    const server = await serving(place);
    const unknown = await fetch(`${server.url}/v1/status`);
    expect([unknown.status, unknown.headers.get("content-type")]).toEqual([401, "application/problem+json"]);
    const known = await fetch(`${server.url}/v1/status`, { headers: { authorization: `Bearer ${token}` } });
    expect(await known.json()).toMatchObject({ caller: "token:ci", command: "planwright serve", pid: server.pid });
    server.kill("SIGTERM");
    expect(await server.ended).toMatchObject({ code: 0 });
  });
});
