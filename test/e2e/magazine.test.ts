import { readFileSync } from "node:fs";
import { cp, readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ROOT } from "./command.ts";
import { serving } from "./serving.ts";
import { expectHealthy, workplace, type Workplace } from "./workplace.ts";

// The example that uses the whole language, from the shell's side: one process serves, others hand over, look, decide and send.

const EXAMPLE = path.join(ROOT, "examples", "magazine");
const ISSUE = path.join(EXAMPLE, "issue.plan.yaml");
const SUBMIT = ["submit", ISSUE, "--input", "number=41", "--input", "title=Rivers", "--input", "folder=manuscripts"];
const ENV = { PLANWRIGHT_SECRET_PRESS_ACCOUNT: "magazine-41" };

interface Told {
  readonly type: string;
  readonly data: { readonly step?: string; readonly undoes?: string };
}

describe("the issue of a magazine", () => {
  it("goes from a first terminal to the press with the answers of others, and is taken back by them", async () => {
    await using place = await desk();
    const server = await serving(place, ["--config", "desk.yaml"], { env: ENV });
    onTestFinished(() => server.kill("SIGKILL"));
    const submitted = await place.run(...SUBMIT, "--json", "--key", "issue 41");
    expect(submitted.code, submitted.stderr).toBe(0);
    const { plan } = JSON.parse(submitted.stdout) as { plan: string };
    await untilAsked(place, plan);
    const why = await place.run("why", plan);
    expect(why.stdout).toMatch(/editor \(waiting\): it waits for approval by editor/);
    expect(why.stdout).toMatch(/paid \(waiting\): it waits for the signal paid-41/);
    const approved = await place.run("approve", plan, "editor", "--yes", "--note", "well done");
    expect(approved.code, approved.stderr).toBe(0);
    const paid = await place.run("signal", plan, "paid-41", "--payload", '{"amount": 304}');
    expect(paid.code, paid.stderr).toBe(0);
    const ended = await place.run("watch", plan, "--plain");
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(ended.stdout).toBe("Rivers (no. 41): 5 pages, 320 copies from north.\n\n");
    expect(await jobs(place)).toEqual(["issue-41"]);

    const told = await history(place, plan);
    const steps = (type: string) => told.filter((fact) => fact.type === type).map(({ data }) => data.step);
    expect(steps("StepCancelRequested")).toEqual(["south"]);
    expect(steps("StepFailed")).toEqual(expect.arrayContaining(["cover", "articles/2/article", "print", "south"]));
    expect(steps("StepWaitStarted")).toEqual(expect.arrayContaining(["editor", "paid", "embargo", "ink"]));
    expect(steps("StepExpanded")).toEqual(expect.arrayContaining(["articles", "articles/0/proof", "imprint"]));

    server.kill("SIGTERM");
    expect(await server.ended).toMatchObject({ code: 0 });

    // Nobody holds the store, nothing is typed anew: the plan has its tools, pools and resources from its start.
    const undone = await place.run("rollback", plan, "--yes", "--accept-irreversible", "--plain");
    expect(undone.stderr).toMatch(/announce/);
    expect(undone.code, undone.stderr).toBe(0);
    const after = await history(place, plan);
    expect(after.flatMap(({ data }) => data.undoes ?? [])).toEqual(["print", "issue"]);
    expect(await jobs(place)).toEqual([]);
    await expectHealthy(place);
  });
});

async function desk(): Promise<Workplace> {
  const place = await workplace();
  await cp(path.join(EXAMPLE, "manuscripts"), path.join(place.path, "manuscripts"), { recursive: true });
  const configuration = readFileSync(path.join(EXAMPLE, "planwright.config.yaml"), "utf8");
  const here = configuration.replaceAll("./", `${EXAMPLE}/`).replace("os:ada", `os:${userInfo().username}`);
  await place.write("desk.yaml", `${here}root: ${place.path}\n`);
  return place;
}

/** Follows the plan until the editor is asked. */
async function untilAsked(place: Workplace, plan: string): Promise<void> {
  await place.runAs(
    { onStderr: (text, child) => text.includes("editor: waits for approval") && child.kill("SIGINT") },
    ...["watch", plan, "--all", "--plain"],
  );
}

async function history(place: Workplace, plan: string): Promise<readonly Told[]> {
  const { stdout } = await place.run("history", plan, "--json");
  return (JSON.parse(stdout) as { events: readonly Told[] }).events;
}

async function jobs(place: Workplace): Promise<readonly string[]> {
  const press = JSON.parse(await readFile(path.join(place.path, ".planwright/magazine/press.json"), "utf8")) as {
    jobs: readonly { job: string }[];
  };
  return press.jobs.map(({ job }) => job);
}
