import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { isRunning, journal, programOf } from "../sources/opened.ts";
import { workplace, type Workplace } from "./workplace.ts";

// Tools of MCP servers from the shell's side.

const ODD = fileURLToPath(new URL("../sources/mcp/odd-server.ts", import.meta.url));
const CLI = fileURLToPath(new URL("../../src/cli/planwright.cjs", import.meta.url));

interface Servers {
  readonly [name: string]: Readonly<Record<string, unknown>>;
}

const configured = (place: Workplace, servers: Servers) =>
  place.write("planwright.config.yaml", JSON.stringify({ mcp: { servers } }));

const odd = (scenario: string, ...rest: readonly string[]) => ({
  command: process.execPath,
  args: [ODD, scenario, ...rest],
});

describe("tools of MCP servers", () => {
  it("are listed, checked before anything runs, and run as steps; a server that is away is named", async () => {
    await using place = await workplace();
    const files = { command: process.execPath, args: [programOf("server-filesystem"), place.path], trust: true };
    await configured(place, { files, away: { command: "no-such-program-anywhere" } });
    const listed = await place.run("tools", "files.read_text_file", "--json");
    expect(listed.stderr).toMatch(/^warning: mcp away cannot be used: .*ENOENT$/m);
    expect(JSON.parse(listed.stdout)).toMatchObject({ source: "mcp files", sideEffects: "read" });
    await place.write(
      "read.yaml",
      `plan: read\nsteps:\n  read: { tool: files.read_text_file, with: { path: ${path.join(place.path, "good.yaml")} } }\nrespond: \${steps.read.output.content}\n`,
    );
    const ran = await place.run("run", "read.yaml", "--plain");
    expect(ran, ran.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining("plan: good") });
    await place.write(
      "wrong.yaml",
      "plan: wrong\nsteps:\n  a: { tool: away.x }\n  b: { tool: files.read_text_file, isolate: process, with: { path: a } }\n",
    );
    const refused = await place.run("validate", "wrong.yaml");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/source-unavailable: away\.x would be a tool of mcp away, which cannot be used/);
    expect(refused.stderr).toMatch(/tool-without-module: .*mcp files runs it, outside of this program/);
  });

  it("fail a step as changed where they changed in mid-plan, and the facts show both versions", async () => {
    await using place = await workplace();
    await configured(place, { odd: odd("changes") });
    await place.write(
      "changing.yaml",
      "plan: changing\nsteps:\n  change: { tool: odd.change }\n  look: { needs: [change], wait: 1s }\n  say: { needs: [look], tool: odd.say, with: { text: hi } }\n",
    );
    const ran = await place.run("run", "changing.yaml", "--json");
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(/"code":"tool-changed"/);
    expect(ran.stdout).toMatch(/"toolVersion":"1\.2\.3-schema\.[0-9a-f]{12}"/);
    expect(ran.stdout).toMatch(
      /odd\.say was 1\.2\.3-schema\.[0-9a-f]{12} when the plan was checked, and is 1\.2\.3-schema\./,
    );
  });

  it.each(["SIGINT", "SIGKILL"] as const)("leave no program behind when the run ends by %s", async (signal) => {
    await using place = await workplace();
    const { file, lines } = await journal();
    await configured(place, { odd: odd("plain", file) });
    await place.write("waiting.yaml", "plan: waiting\nsteps:\n  wait: { tool: odd.wait }\n");
    const child = spawn(process.execPath, [CLI, "run", "waiting.yaml", "--plain"], {
      cwd: place.path,
      stdio: "ignore",
    });
    await vi.waitUntil(async () => (await lines()).some((line) => line.startsWith("call wait")), { timeout: 20_000 });
    const pid = Number((await lines())[0]?.split(" ")[1]);
    expect(isRunning(pid)).toBe(true);
    child.kill(signal);
    await once(child, "exit");
    await vi.waitUntil(() => !isRunning(pid), { timeout: 10_000 });
  });
});
