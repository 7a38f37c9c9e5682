import { describe, expect, it } from "vitest";
import { cargoManifest } from "#src/implementation/codebase/manifests/cargo-manifest.ts";
import { goManifest } from "#src/implementation/codebase/manifests/go-manifest.ts";
import { cargoLockfile } from "#src/implementation/codebase/manifests/locks/cargo-lock.ts";
import type { Lock } from "#src/implementation/codebase/manifests/locks/lock.ts";
import { npmLock } from "#src/implementation/codebase/manifests/locks/npm-lock.ts";
import { pnpmLock } from "#src/implementation/codebase/manifests/locks/pnpm-lock.ts";
import { yarnLock } from "#src/implementation/codebase/manifests/locks/yarn-lock.ts";
import type { Manifest } from "#src/implementation/codebase/manifests/manifest.ts";
import { nodeManifest } from "#src/implementation/codebase/manifests/node-manifest.ts";
import { pyprojectManifest, requirementsManifest } from "#src/implementation/codebase/manifests/python-manifest.ts";
import { temporaryDirectory } from "../../tools/context.ts";
import { summaryIn, writeTree } from "./kit.ts";

function dependenciesOf({ dependencies }: Manifest): readonly string[] {
  return dependencies.map(({ name, range, kind }) => `${kind} ${name} ${range ?? "any"}`);
}

function edgesOf({ entries }: Lock): readonly string[] {
  return entries.map(({ id, needs }) => `${id} > ${[...needs].sort().join(", ")}`).sort();
}

describe("a manifest", () => {
  it("of npm says its dependencies of each kind, its workspace and its scripts", () => {
    const read = nodeManifest(
      "package.json",
      JSON.stringify({
        name: "a",
        version: "1.0.0",
        dependencies: { b: "^1" },
        devDependencies: { c: "*" },
        peerDependencies: { d: ">=1" },
        optionalDependencies: { e: "2" },
        workspaces: { packages: ["packages/*"] },
        scripts: { test: "vitest run" },
        jest: {},
      }),
    );
    expect(dependenciesOf(read)).toEqual(["runtime b ^1", "development c *", "peer d >=1", "optional e 2"]);
    expect(read).toMatchObject({ name: "a", workspace: ["packages/*"], configures: ["jest"] });
  });

  it("of npm with members of the wrong shape is read as without them", () => {
    const wrong = { name: 1, dependencies: ["b"], devDependencies: { c: 1, d: "2" }, workspaces: "x", scripts: null };
    const read = nodeManifest("package.json", JSON.stringify(wrong));
    expect(read).toMatchObject({ name: null, workspace: [], scripts: {} });
    expect(dependenciesOf(read)).toEqual(["development d 2"]);
  });

  it("of Python says what pip, its groups and Poetry know", () => {
    const read = pyprojectManifest(
      "pyproject.toml",
      `[project]
name = "a"
version = "1"
dependencies = ["Some_Thing[extra]>=1,<2 ; python_version > '3'", "b @ https://x/y.whl", "-bad"]
[project.optional-dependencies]
fast = ["c"]
[dependency-groups]
dev = ["d==1", { include-group = "x" }]
[build-system]
requires = ["hatchling"]
[tool.poetry]
[tool.poetry.dependencies]
python = "^3"
e = { version = "^2", optional = true }
[tool.poetry.group.test.dependencies]
f = "*"
[tool.pytest.ini_options]
`,
    );
    expect(dependenciesOf(read)).toEqual([
      ...["runtime some-thing >=1,<2", "runtime b @ https://x/y.whl", "optional c any", "development d ==1"],
      ...["build hatchling any", "runtime e ^2", "development f *"],
    ]);
    expect(read.configures).toEqual(["pytest"]);
  });

  it("of requirements.txt leaves out options and comments", () => {
    const text = "# x\n-r other.txt\n--hash=x\nA.b==1 \\\n  --hash=sha256:0\nc\n\nhttps://x/y.whl\n";
    expect(dependenciesOf(requirementsManifest("requirements.txt", text))).toEqual([
      "runtime a-b ==1",
      "runtime c any",
    ]);
    expect(dependenciesOf(requirementsManifest("requirements-dev.txt", "x"))).toEqual(["development x any"]);
  });

  it("of Cargo says its tables, also of targets, and its workspace", () => {
    const read = cargoManifest(
      "Cargo.toml",
      `[package]
name = "a"
version.workspace = true
[dependencies]
b = "1"
c = { version = "2", package = "real-c" }
d = { workspace = true }
[dev-dependencies]
e = "3"
[target.'cfg(unix)'.build-dependencies]
f = "4"
[workspace]
members = ["crates/*"]
exclude = ["crates/old"]
`,
    );
    expect(dependenciesOf(read)).toEqual([
      ...["runtime b 1", "runtime real-c 2", "runtime d any", "development e 3", "build f 4"],
    ]);
    expect(read).toMatchObject({ name: "a", version: null, workspace: ["crates/*", "!crates/old"] });
  });

  it("of Go says its module and what it requires, in blocks and alone", () => {
    const read = goManifest(
      "go.mod",
      'module "example.org/a" // x\n\ngo 1.22\n\nrequire example.org/b v1.0.0\n\nrequire (\n\texample.org/c v2.0.0 // indirect\n\t// nothing\n)\nreplace (\n\texample.org/x => ../x\n)\n',
    );
    expect(read.name).toBe("example.org/a");
    expect(dependenciesOf(read)).toEqual(["runtime example.org/b v1.0.0", "optional example.org/c v2.0.0"]);
  });
});

describe("a lockfile", () => {
  it("of npm resolves what a package needs as Node does, through workspaces and aliases", () => {
    const lock = npmLock(
      JSON.stringify({
        lockfileVersion: 3,
        packages: {
          "": { name: "root", dependencies: { a: "1", alias: "npm:real@1" }, workspaces: ["packages/*"] },
          "node_modules/a": { version: "1.0.0", dependencies: { b: "1" }, optionalDependencies: { gone: "1" } },
          "node_modules/b": { version: "2.0.0" },
          "node_modules/a/node_modules/b": { version: "1.0.0", dependencies: { a: "1" } },
          "node_modules/alias": { name: "real", version: "1.0.0" },
          "node_modules/w": { resolved: "packages/w", link: true },
          "packages/w": { version: "0.0.0", dependencies: { b: "2", w: "*" } },
        },
      }),
    );
    expect(edgesOf(lock)).toEqual([
      ". > a@1.0.0, real@1.0.0",
      "a@1.0.0 > b@1.0.0",
      "b@1.0.0 > a@1.0.0",
      "b@2.0.0 > ",
      "packages/w > b@2.0.0, packages/w",
      "real@1.0.0 > ",
    ]);
    expect(lock).toMatchObject({ format: "package-lock 3", missing: 1 });
  });

  it("of npm is refused in its first version", () => {
    expect(() => npmLock(JSON.stringify({ lockfileVersion: 1, dependencies: {} }))).toThrow(/packages/u);
  });

  it("of yarn is read in both forms", () => {
    const first = `# yarn lockfile v1


"@a/b@^1.0.0", "@a/b@^1.1.0":
  version "1.2.0"
  dependencies:
    c "^2.0.0"
    gone "1"

c@^2.0.0:
  version "2.0.1"
`;
    expect(edgesOf(yarnLock(first))).toEqual(["@a/b@1.2.0 > c@2.0.1", "c@2.0.1 > "]);
    expect(yarnLock(first)).toMatchObject({ format: "yarn 1", missing: 2 });
    const later = `__metadata:
  version: 8

"c@npm:^2.0.0, c@npm:^2.1.0":
  version: 2.0.1
  resolution: "c@npm:2.0.1"

"root@workspace:.":
  version: 0.0.0-use.local
  resolution: "root@workspace:."
  dependencies:
    c: "npm:^2.1.0"
`;
    expect(edgesOf(yarnLock(later))).toEqual([". > c@2.0.1", "c@2.0.1 > "]);
  });

  it("of pnpm is read in its three forms of keys", () => {
    const ninth = `lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      a: { specifier: ^1, version: 1.0.0(b@2.0.0) }
  packages/w:
    devDependencies:
      root: { specifier: 'workspace:*', version: 'link:../..' }
packages:
  a@1.0.0: { resolution: {} }
  b@2.0.0: {}
snapshots:
  a@1.0.0(b@2.0.0):
    dependencies: { b: 2.0.0 }
  b@2.0.0: {}
`;
    expect(edgesOf(pnpmLock(ninth))).toEqual([". > a@1.0.0", "a@1.0.0 > b@2.0.0", "b@2.0.0 > ", "packages/w > ."]);
    const sixth = `lockfileVersion: '6.0'
dependencies:
  '@s/a': { specifier: ^1, version: 1.0.0(b@2.0.0) }
packages:
  /@s/a@1.0.0(b@2.0.0): { dependencies: { b: 2.0.0 } }
  /b@2.0.0: {}
`;
    expect(edgesOf(pnpmLock(sixth))).toEqual([". > @s/a@1.0.0", "@s/a@1.0.0 > b@2.0.0", "b@2.0.0 > "]);
    const fifth = `lockfileVersion: 5.4
dependencies: { '@s/a': 1.0.0_b@2.0.0 }
packages:
  /@s/a/1.0.0_b@2.0.0: { dependencies: { b: 2.0.0 } }
  /b/2.0.0: {}
`;
    expect(edgesOf(pnpmLock(fifth))).toEqual([". > @s/a@1.0.0", "@s/a@1.0.0 > b@2.0.0", "b@2.0.0 > "]);
  });

  it("of Cargo names a version where there are several", () => {
    const lock = cargoLockfile(`version = 4
[[package]]
name = "a"
version = "1.0.0"
dependencies = ["b 1.0.0", "c", "gone"]
[[package]]
name = "b"
version = "1.0.0"
[[package]]
name = "b"
version = "2.0.0"
[[package]]
name = "c"
version = "1.0.0"
dependencies = ["b 2.0.0 (registry+https://x)"]
`);
    expect(edgesOf(lock)).toEqual(["a@1.0.0 > b@1.0.0, c@1.0.0", ...["b@1.0.0 > ", "b@2.0.0 > ", "c@1.0.0 > b@2.0.0"]]);
    expect(lock.missing).toBe(1);
  });
});

describe("the manifests of a codebase", () => {
  it("say which packages of it need which, and who is a member of its workspace", async () => {
    const root = await temporaryDirectory();
    const manifest = (name: string, dependencies = {}, rest = {}) => JSON.stringify({ name, dependencies, ...rest });
    await writeTree(root, {
      "package.json": manifest("root", {}, { workspaces: ["packages/*", "!packages/out"] }),
      "packages/a/package.json": manifest("a", { b: "workspace:*", zod: "^4" }),
      "packages/b/package.json": manifest("b", { zod: "^3" }),
      "packages/out/package.json": manifest("out"),
      "tools/pnpm-workspace.yaml": "packages: [x/*]\n",
      "tools/package.json": manifest("tools"),
      "tools/x/y/package.json": manifest("y"),
    });
    const { dependencies } = await summaryIn(root);
    expect(dependencies.first).toMatchObject([
      { path: "package.json", members: 2 },
      { path: "tools/package.json", members: 1 },
      ...[{ path: "packages/a/package.json" }, { path: "packages/b/package.json" }, {}, {}],
    ]);
    expect(dependencies.internal).toEqual({
      count: 1,
      first: [{ from: "packages/a/package.json", to: "packages/b/package.json" }],
    });
    expect(dependencies.direct).toEqual({
      count: 1,
      top: [{ ecosystem: "npm", name: "zod", ranges: ["^3", "^4"], kinds: ["runtime"], manifests: 2 }],
    });
  });

  it("and lockfiles are read up to the limit of each kind", async () => {
    const root = await temporaryDirectory();
    const packages = { "": {}, "node_modules/a": { version: "1.0.0", integrity: "x".repeat(2 * 1024 * 1024) } };
    await writeTree(root, {
      "package-lock.json": JSON.stringify({ lockfileVersion: 3, packages }),
      "Cargo.lock": `# ${"x".repeat(4 * 1024 * 1024)}`,
    });
    const { dependencies, notes } = await summaryIn(root);
    expect(dependencies.locks).toMatchObject({ count: 1, first: [{ packages: 2 }] });
    expect(notes).toEqual([
      { code: "unreadable-manifest", path: "Cargo.lock", text: "it is larger than 4194304 bytes" },
    ]);
  });

  it("that cannot be read are said, each with its reason, and the others are read", async () => {
    const root = await temporaryDirectory();
    await writeTree(root, {
      "package.json": "{",
      "in/package.json": "[]",
      "pyproject.toml": "a = ",
      "Cargo.lock": "package = 1",
      "yarn.lock": "a\n  b: [",
      "pnpm-lock.yaml": "&a [*a, *a]",
      "pnpm-workspace.yaml": "packages: {",
      "package-lock.json": JSON.stringify({ lockfileVersion: 1 }),
      "big/package.json": `{"name":"${"x".repeat(1024 * 1024)}"}`,
      "ok/package.json": '\uFEFF{"name":"__proto__","dependencies":{"constructor":"1"}}',
    });
    const { dependencies, notes } = await summaryIn(root);
    expect(dependencies).toMatchObject({ manifests: 1, first: [{ path: "ok/package.json", name: "__proto__" }] });
    expect(dependencies.direct.top).toMatchObject([{ name: "constructor" }]);
    expect(new Set(notes.map(({ code }) => code))).toEqual(new Set(["unreadable-manifest"]));
    expect(notes.map((note) => note.path).sort()).toEqual(
      [
        ...["Cargo.lock", "big/package.json", "in/package.json", "package-lock.json", "package.json"],
        ...["pnpm-lock.yaml", "pnpm-workspace.yaml", "pyproject.toml", "yarn.lock"],
      ].sort(),
    );
  });
});
