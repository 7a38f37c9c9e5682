import { mkdir } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { workplace } from "./workplace.ts";

// Plans that call plans in other files, from the shell's side.

const CALLER = `plan: caller
inputs:
  word: { type: string }
steps:
  loud: { call: shout@^1.0, with: { text: "\${inputs.word}" } }
  twice: { call: twice, with: { text: "\${steps.loud.output.text}" } }
respond: \${steps.twice.output.text}
`;

const shout = (version: string, sign: string): string => `plan: shout
version: ${version}
inputs: { text: { type: string } }
steps:
  up: { value: "\${inputs.text + '${sign}'}" }
outputs: { text: "\${steps.up.output}" }
`;

const TWICE = `plan: twice
inputs: { text: { type: string } }
steps:
  first: { call: shout@1.0.0, with: { text: "\${inputs.text}" } }
  both: { value: "\${steps.first.output.text + steps.first.output.text}" }
outputs: { text: "\${steps.both.output}" }
`;

describe("a plan that calls others", () => {
  it("finds them beside its file and in the folders of the configuration, by version", async () => {
    await using place = await workplace();
    await mkdir(path.join(place.path, "shared"));
    await place.write("caller.yaml", CALLER);
    await place.write("shout.plan.yaml", shout("1.0.0", "?"));
    await place.write("shout-newer.plan.yaml", shout("1.3.0", "!"));
    await place.write("shout-newest.plan.yaml", shout("2.0.0", "!!!"));
    await place.write("shared/twice.plan.yaml", TWICE);

    const lacking = await place.run("validate", "caller.yaml");
    expect(lacking.code).toBe(2);
    expect(lacking.stderr).toMatch(/caller\.yaml:6:\d+: error unknown-plan: there is no plan "twice" beside this file/);

    await place.write("planwright.config.yaml", "plans: [shared]\n");
    const valid = await place.run("validate", "caller.yaml");
    expect(valid, valid.stderr).toMatchObject({ code: 0 });
    const ran = await place.run("run", "caller.yaml", "--input", "word=hey", "--plain");
    expect(ran, ran.stderr).toMatchObject({ code: 0, stdout: "hey!?hey!?\n" });
  });

  it("goes on with what was called when it started, whatever the files say by then", async () => {
    await using place = await workplace();
    const waiting = "plan: waiting\nsteps:\n  nap: { wait: 300ms }\n  say: { value: first, needs: [nap] }\n";
    await place.write(
      "caller.yaml",
      "plan: caller\nsteps:\n  one: { call: waiting }\nrespond: ${steps.one.output.said}\n",
    );
    await place.write("waiting.plan.yaml", `${waiting}outputs: { said: "\${steps.say.output}" }\n`);
    const killed = await place.runAs(
      { onStderr: (text, child) => text.includes("waits until") && child.kill("SIGKILL") },
      ...["run", "caller.yaml", "--plain"],
    );
    expect(killed.signal).toBe("SIGKILL");
    await place.write("waiting.plan.yaml", "plan: [no plan any more\n");
    const resumed = await place.run("resume", "--plain");
    expect(resumed, resumed.stderr).toMatchObject({ code: 0, stdout: "first\n" });
  });

  it("is told of the file that cannot be read where the plan that it misses may be", async () => {
    await using place = await workplace();
    await place.write("caller.yaml", "plan: caller\nsteps:\n  one: { call: broken }\n");
    await place.write("broken.plan.yaml", "plan: broken\nsteps: { a: { value: [1 } }\n");
    const ran = await place.run("run", "caller.yaml", "--json");
    expect(ran.code).toBe(2);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      ok: false,
      findings: [{ code: "unknown-plan" }, { file: "broken.plan.yaml", line: 2 }],
    });
  });

  it("is refused where it calls itself, and where two files are the plan that it calls", async () => {
    await using place = await workplace();
    await place.write("a.plan.yaml", "plan: a\nsteps:\n  one: { call: b }\n");
    await place.write("b.plan.yaml", "plan: b\nsteps:\n  one: { call: a }\n");
    const circle = await place.run("validate", "a.plan.yaml");
    expect(circle.code).toBe(2);
    expect(circle.stderr).toMatch(/recursive-call: .*a -> b -> a/);
    await place.write("c.plan.yaml", "plan: b\nsteps: { one: { value: 1 } }\n");
    const twice = await place.run("validate", "a.plan.yaml");
    expect(twice.code).toBe(2);
    expect(twice.stderr).toMatch(/plan-twice: two files are the plan b@0\.0\.0: b\.plan\.yaml and c\.plan\.yaml/);
  });
});
