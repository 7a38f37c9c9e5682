import { execFileSync } from "node:child_process";
import { Copy, DockerfileParser, From, type Instruction } from "dockerfile-ast";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { argumentProblems, isThere, projectPath, projectText } from "./project.ts";

// The Dockerfile against the project: what it copies is there and let through, and what it starts exists. Nothing here builds
// an image.

const manifest = z
  .object({
    bin: z.object({ planwright: z.string() }),
    scripts: z.record(z.string(), z.string()),
    dependencies: z.record(z.string(), z.string()),
    devDependencies: z.record(z.string(), z.string()),
    peerDependencies: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(projectText("package.json")));

const instructions = DockerfileParser.parse(projectText("Dockerfile")).getInstructions();

function wordsOf(instruction: Instruction): readonly string[] {
  return instruction.getArguments().map((one) => one.getValue());
}

function named(keyword: string): readonly Instruction[] {
  return instructions.filter((one) => one.getKeyword() === keyword);
}

function flagOf(copy: Copy, flag: string): string | undefined {
  return (
    copy
      .getFlags()
      .find((one) => one.getName() === flag)
      ?.getValue() ?? undefined
  );
}

/** What follows the last FROM. */
const last = instructions.slice(instructions.findLastIndex((one) => one instanceof From));
const copies = instructions.filter((one) => one instanceof Copy);
const copied = copies.filter((one) => flagOf(one, "from") === undefined).flatMap((one) => wordsOf(one).slice(0, -1));

describe("the Dockerfile", () => {
  it("copies what is there, and what .dockerignore lets through", () => {
    const allowed = projectText(".dockerignore")
      .split("\n")
      .flatMap((line) => (line.startsWith("!") ? line.slice(1) : []));
    expect(copied.length).toBeGreaterThan(10);
    expect(copied.filter((file) => !isThere(file))).toEqual([]);
    expect(copied.filter((file) => !allowed.some((one) => file === one || file.startsWith(`${one}/`)))).toEqual([]);
    expect(allowed.filter((one) => !copied.some((file) => file === one || file.startsWith(`${one}/`)))).toEqual([]);
  });

  it("gives the build every file that it reads outside of the rooms", () => {
    expect(projectText("package.json")).toContain(".config/scripts/build.ts");
    expect(copied).toEqual(
      expect.arrayContaining([".config", "tsconfig.json", "events", "machines", "projections", "src"]),
    );
  });

  it("takes from stages that are there", () => {
    const stages = new Set(instructions.filter((one) => one instanceof From).map((one) => one.getBuildStage()));
    const taken = copies.flatMap((one) => flagOf(one, "from") ?? []);
    expect(taken).toEqual(["packages", "build"]);
    expect(taken.filter((stage) => !stages.has(stage))).toEqual([]);
  });

  it("builds on the Node that the package asks for", () => {
    const images = instructions.filter((one) => one instanceof From).map((one) => one.getImage());
    expect(new Set(images)).toEqual(new Set(["node:24-bookworm-slim"]));
    expect(manifest.devDependencies["node"]).toMatch(/^24\./);
  });

  it("runs scripts of package.json", () => {
    const scripts = named("RUN").flatMap((one) => [
      ...(one.getArgumentsContent() ?? "").matchAll(/npm run ([a-z:]+)/g),
    ]);
    expect(scripts.map(([, name]) => name)).toEqual(["build"]);
    expect(manifest.scripts["build"]).toBeDefined();
  });

  it("starts the command line as a user that is not root, where that user may write", () => {
    const words = last.map((one) => [one.getKeyword(), ...wordsOf(one)].join(" "));
    const user = words.indexOf("USER node");
    expect(user).toBeGreaterThan(0);
    expect(words.slice(user + 1)).toEqual(["WORKDIR /work", 'ENTRYPOINT ["planwright"]', 'CMD ["--help"]']);
    expect(words.join("\n")).toContain("--owner=node --group=node /work");
    expect(words.join("\n")).toContain(`/opt/planwright/${manifest.bin.planwright} /usr/local/bin/planwright`);
    expect(argumentProblems(["--help"])).toEqual([]);
  });
});

describe("the packages of an image", () => {
  it("are those of the package and its optional clients, in the versions that the tests run with", () => {
    const made = execFileSync(process.execPath, [projectPath(".config/container/with-peers.cjs")], {
      cwd: projectPath("."),
      encoding: "utf8",
    });
    const { dependencies, ...rest } = z
      .looseObject({ dependencies: z.record(z.string(), z.string()) })
      .parse(JSON.parse(made));
    const peers = Object.keys(manifest.peerDependencies).map((name) => [name, manifest.devDependencies[name]]);
    expect(peers.length).toBeGreaterThan(0);
    expect(dependencies).toEqual({ ...manifest.dependencies, ...Object.fromEntries(peers) });
    expect(rest).not.toHaveProperty("devDependencies");
    expect(rest).not.toHaveProperty("peerDependencies");
  });
});
