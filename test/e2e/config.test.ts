import { chmod, mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { configJsonSchema } from "#src/config/file-schema.ts";
import { usedWorkplace, workplace } from "./workplace.ts";

// The configuration file and the command that shows it, from the shell's side.

interface Shown {
  readonly values: readonly { readonly name: string; readonly value: unknown; readonly origin: { kind: string } }[];
}

const shownBy = (stdout: string) =>
  new Map((JSON.parse(stdout) as Shown).values.map(({ name, value, origin }) => [name, [value, origin.kind]]));

describe("planwright config", () => {
  it("shows each setting with the option, variable, line or default that it comes from", async () => {
    await using place = await workplace();
    await place.write("planwright.config.yaml", "slots: 4\nroot: .\npools:\n  gpu: { slots: 2 }\n");
    const shown = await place.runAs({ env: { PLANWRIGHT_LOG: "warn" } }, "config", "--slots", "3", "--json");
    expect(shown, shown.stderr).toMatchObject({ code: 0, stderr: "" });
    const values = shownBy(shown.stdout);
    expect(values.get("slots")).toEqual([3, "flag"]);
    expect(values.get("root")).toEqual([place.path, "file"]);
    expect(values.get("log")).toEqual(["warn", "environment"]);
    expect(values.get("store")).toEqual([place.store, "default"]);
    const text = await place.run("config");
    expect(text.stdout).toMatch(/^planwright\.config\.yaml \(found in this directory\)$/m);
    expect(text.stdout).toMatch(/^ {2}pools\.gpu\.slots +2 +planwright\.config\.yaml:4:17$/m);
  });

  it("checks the file and its paths: exit code 2 with places where something is wrong", async () => {
    await using place = await workplace();
    expect(await place.run("config", "--check")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/no configuration file here/),
    });
    await place.write("planwright.config.yaml", "plans: [nowhere]\n");
    const missing = await place.run("config", "--check");
    expect(missing).toMatchObject({ code: 2, stdout: "" });
    expect(missing.stderr).toMatch(/planwright\.config\.yaml:1:9: error path-missing: .*nowhere\n {4}plans/);
    await place.write("planwright.config.yaml", "slotz: 4\n");
    const wrong = await place.run("config", "--check", "--json");
    expect(wrong.code).toBe(2);
    expect(JSON.parse(wrong.stdout)).toMatchObject({ findings: [{ code: "unknown-word", suggestion: "slots" }] });
    await place.write("planwright.config.yaml", "slots: 4\n");
    expect(JSON.parse((await place.run("config", "--check", "--json")).stdout)).toEqual({
      ok: true,
      file: "planwright.config.yaml",
    });
  });

  it("prints the JSON Schema that ships with it", async () => {
    await using place = await workplace();
    const printed = await place.run("config", "--schema");
    expect(printed.code).toBe(0);
    const shipped = await readFile(new URL("../../schemas/config.schema.json", import.meta.url), "utf8");
    expect(JSON.parse(printed.stdout)).toEqual(JSON.parse(shipped));
    expect(JSON.parse(shipped)).toEqual(JSON.parse(JSON.stringify(configJsonSchema())));
  });
});

describe("a configuration file", () => {
  it("that is wrong stops every other command, before anything runs", async () => {
    await using place = await workplace();
    await place.write("planwright.config.yaml", "slots: none\n");
    for (const args of [["run", "good.yaml"], ["list"], ["doctor"], ["blobs", "usage"]]) {
      const ran = await place.run(...args);
      expect(ran, args.join(" ")).toMatchObject({ code: 2, stdout: "" });
      expect(ran.stderr).toMatch(/planwright\.config\.yaml:1:8: error wrong-type/);
    }
    expect(JSON.parse((await place.run("list", "--json")).stdout)).toMatchObject({ ok: false });
    expect((await place.run("list", "--config", "nowhere.yaml")).stderr).toMatch(/config-unreadable/);
  });

  it("gives commands the store, and options win", async () => {
    await using place = await workplace();
    await place.write("ci.yaml", "store: elsewhere\n");
    expect((await place.run("run", "good.yaml", "--config", "ci.yaml")).code).toBe(0);
    expect((await place.run("--config", "ci.yaml", "list")).stdout).toMatch(/succeeded +good/);
    expect((await place.run("list")).stdout).toMatch(/no plans yet/);
    const env = { PLANWRIGHT_CONFIG: "ci.yaml" };
    expect((await place.runAs({ env }, "list")).stdout).toMatch(/succeeded +good/);
    expect((await place.runAs({ env }, "list", "--store", ".planwright")).stdout).toMatch(/no plans yet/);
  });

  it("says where secrets are; a resumed run finds them although the file is gone by then", async () => {
    await using place = await workplace();
    const tools = new URL("../fixtures/tools/secret.tools.ts", import.meta.url).pathname;
    await mkdir(path.join(place.path, "secrets"));
    await place.write("secrets/TOKEN", "s3cr3t-value\n");
    await place.write("planwright.config.yaml", `tools: [${tools}]\nsecrets: { files: { directory: secrets } }\n`);
    await place.write(
      "secretive.yaml",
      "plan: secretive\nsteps:\n  nap: { wait: 300ms }\n  tell: { tool: secret.length, with: { token: { $secret: TOKEN } }, needs: [nap] }\nrespond: ${steps.tell.output}\n",
    );
    const killed = await place.runAs(
      { onStderr: (text, child) => text.includes("waits until") && child.kill("SIGKILL") },
      ...["run", "secretive.yaml", "--plain"],
    );
    expect(killed.signal).toBe("SIGKILL");
    await place.write("planwright.config.yaml", "slots: 1\n");
    const resumed = await place.run("resume", "--plain");
    expect(resumed, resumed.stderr).toMatchObject({ code: 0, stdout: "[secret] has 12 characters\n" });
    const history = await place.run("history", "last", "--json");
    expect(history.stdout).not.toContain("s3cr3t-value");
  });

  it("lets doctor warn of secrets that others may read, and nothing else is wrong with that", async () => {
    await using place = await usedWorkplace();
    await mkdir(path.join(place.path, "secrets"));
    await place.write("secrets/TOKEN", "value");
    await chmod(path.join(place.path, "secrets", "TOKEN"), 0o644);
    await place.write("planwright.config.yaml", "secrets: { files: { directory: secrets } }\n");
    const loose = await place.run("doctor");
    expect(loose).toMatchObject({ code: 0, stdout: expect.stringContaining("all is well") });
    expect(loose.stderr).toMatch(/warning: .*secrets\/TOKEN \(mode 644\); chmod 600/);
    await chmod(path.join(place.path, "secrets", "TOKEN"), 0o600);
    expect((await place.run("doctor")).stderr).toBe("");
  });
});
