import { execFileSync, spawnSync, type SpawnSyncReturns } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { OURS, PEERS } from "../../../bench/peers/peers.ts";
import { ROOT } from "../../e2e/command.ts";

const PEERS_ROOT = path.join(ROOT, "bench/peers");

describe("npm run bench:peers", () => {
  it("skips a peer by name where its server is missing, and says the one command that installs it", () => {
    const { status, stdout, stderr } = run(["--only", "bullmq", "--json"], { PATH: "" });
    expect(stderr).toBe("bullmq: skipped: redis-server is missing; install it: apt-get install --yes redis-server\n");
    expect(JSON.parse(stdout)).toMatchObject({
      goals: [],
      peers: [
        { name: "bullmq", kind: "skipped", missing: "redis-server", versions: ["bullmq 6.7.0", "ioredis 5.11.1"] },
      ],
    });
    expect(status).toBe(0);
  });

  it("names the peers that there are where one is asked for that there is not", () => {
    const { status, stderr } = run(["--only", "planwright,nobody"], {});
    expect(stderr).toContain("there is no peer nobody\n");
    expect(stderr).toContain(`Peers: ${PEERS.map(({ name }) => name).join(" ")}`);
    expect(status).toBe(2);
  });

  it.each([
    ["--seconds", "soon"],
    ["--kills", "-1"],
  ])("refuses %s %s", (option, value) => {
    const { status, stderr } = run([`${option}=${value}`], {});
    expect(stderr).toMatch(new RegExp(`^${option} takes`));
    expect(status).toBe(2);
  });

  it("explains itself", () => {
    const { status, stdout } = run(["--help"], {});
    expect(stdout).toMatch(/^Usage: npm run bench:peers/);
    expect(stdout).toContain("dbos: postgres; apt-get install --yes postgresql");
    expect(status).toBe(0);
  });
});

describe("the folders of peers", () => {
  const manifests = tracked().filter((file) => file.endsWith("package.json"));

  it("each have exact versions and a lock file that names no registry", () => {
    expect(manifests).toHaveLength(PEERS.length - OURS.size);
    for (const file of manifests) {
      const { dependencies } = JSON.parse(read(file)) as Json;
      expect(Object.values(dependencies ?? {}).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
      expect(read(file.replace("package.json", "package-lock.json"))).not.toContain('"resolved"');
    }
  });

  it("are those of the list", () => {
    const folders = readdirSync(PEERS_ROOT, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const names = folders.map(({ name }) => name).filter((name) => name !== "servers");
    expect(names.sort()).toEqual(PEERS.map(({ name }) => name).sort());
  });
});

interface Json {
  readonly dependencies?: Readonly<Record<string, string>>;
}

function run(args: readonly string[], env: Readonly<Record<string, string>>): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [path.join(PEERS_ROOT, "run.ts"), ...args], {
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
}

function tracked(): readonly string[] {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: PEERS_ROOT,
    encoding: "utf8",
  });
  return listed.trim().split("\n");
}

function read(file: string): string {
  return readFileSync(path.join(PEERS_ROOT, file), "utf8");
}
