import { describe, expect, it } from "vitest";
import { components } from "#src/implementation/codebase/imports/cycles.ts";
import { goImports, pythonImports } from "#src/implementation/codebase/imports/lexical-imports.ts";
import { importsByTypescript, typescriptScanner } from "#src/implementation/codebase/imports/typescript-imports.ts";
import { temporaryDirectory } from "../../tools/context.ts";
import { summaryIn, writeTree, type Tree } from "./kit.ts";

async function importsIn(tree: Tree): Promise<{ readonly between: readonly string[]; readonly rest: object }> {
  const root = await temporaryDirectory();
  await writeTree(root, tree);
  const { graph, imports } = await summaryIn(root, { graph: true });
  const between = (graph?.imports.first ?? []).map(([from, to]) => `${from} > ${to}`);
  return {
    between,
    rest: {
      packages: imports.mostUsedPackages.map(({ name, modules }) => `${name} ${modules}`),
      unresolved: imports.unresolvedExamples.map(({ specifier }) => specifier),
    },
  };
}

describe("the imports of TypeScript and JavaScript", () => {
  const ts = typescriptScanner();
  if (ts === undefined) throw new Error("typescript is installed for tests");
  const importsOf = (text: string): readonly string[] => importsByTypescript(ts)(Buffer.from(text));

  it("are found in every form, and in none of the forms that only look like one", () => {
    const text = `
      import a from "a"; import "b"; import type { C } from 'c'; export * from "d"; export { e } from "e";
      const f = await import("f"); const g = require("g"); import h = require("h"); type I = import("i").I;
      import j from "./j.json" with { type: "json" };
      // import x1 from "x1"
      /* from "x2" */ const s = 'import "x3"'; const t = \`from "x4" \${import("k")}\`;
    `;
    expect([...importsOf(text)].sort()).toEqual(["./j.json", "a", "b", "c", "d", "e", "f", "g", "h", "i", "k"]);
  });

  it("are found behind comments, references and the end of long files", () => {
    expect(importsOf('import /* why */ a from /* here */ "a"')).toEqual(["a"]);
    expect(importsOf('/// <reference path="x.d.ts" />\nlet y = 1;')).toEqual(["./x.d.ts"]);
    const filler = "const from = 'x'; // import from require\n".repeat(5_000);
    expect(importsOf(`${filler}import("last")`)).toEqual(["last"]);
    expect(importsOf(`import "ä";${filler}`)).toEqual(["ä"]);
  });

  it("are none in a module without any, and in what is no module", () => {
    for (const text of ["", "let a = 1;", "import", "from 'x'", "\u0000import('", "`${`${`"]) {
      expect(importsOf(text)).toEqual([]);
    }
  });

  it("lead to modules by endings, indexes, manifests and paths of a tsconfig", async () => {
    const { between, rest } = await importsIn({
      "package.json": JSON.stringify({
        name: "app",
        imports: { "#in/*.ts": "./in/*.ts", "#one": { node: "./in/one.ts", default: "lib" } },
      }),
      "lib/package.json": JSON.stringify({
        name: "@s/lib",
        exports: { ".": { types: "./dist/x.d.ts", default: "./main.ts" }, "./f/*": "./files/*.ts" },
      }),
      "built/package.json": JSON.stringify({ name: "built", main: "dist/index.js" }),
      "lib/main.ts": "",
      "lib/files/g.ts": "",
      "tsconfig.base.json": '{ "compilerOptions": { "paths": { "~/*": ["./in/*"] } } }',
      "tsconfig.json": '// with a comment\n{ "extends": "./tsconfig.base.json", }',
      "in/one.ts": "import './two.js'; import './folder'; import './one.ts'; import './data.json'",
      "in/two.ts": "",
      "in/folder/index.tsx": "import '../..'",
      "in/data.json": "{}",
      "a.ts": `import "#in/two.ts"; import "#one"; import "@s/lib"; import "@s/lib/f/g"; import "built"; import "~/two";
        import "react/jsx-runtime"; import "node:fs"; import "path"; import "./gone"; import "#gone"; import "@o/p/q";
        import "../outside"; import "constructor"; import "~/__proto__"; require("/abs");`,
    });
    expect(between).toEqual([
      ...["a.ts > built/package.json", "a.ts > in/one.ts", "a.ts > in/two.ts", "a.ts > lib/files/g.ts"],
      "a.ts > lib/main.ts",
      ...["in/one.ts > in/data.json", "in/one.ts > in/folder/index.tsx", "in/one.ts > in/two.ts"],
    ]);
    expect(rest).toEqual({
      packages: ["@o/p 1", "constructor 1", "node:fs 1", "node:path 1", "react 1", "~ 1"],
      unresolved: ["./gone", "#gone", "../outside", "/abs", "../.."],
    });
  });

  it("are unknown without the package, and that is said", async () => {
    const root = await temporaryDirectory();
    await writeTree(root, { "a.ts": "import './b.ts'", "b.ts": "", "c.py": "import os" });
    const { imports, languages } = await summaryIn(root, { typescript: () => undefined });
    expect(imports).toMatchObject({ typescript: "unknown", imports: 0, modules: 1, lexical: ["Python"] });
    expect(languages).toHaveLength(2);
  });
});

describe("the imports of Python", () => {
  it("are found by lines, also in brackets", () => {
    const text = `import os, a.b as c
from . import d
from ..e import (  # why
    f as g,
    h
)
from i import *
    import inside
x = "import nothing"
`;
    expect(pythonImports(text)).toEqual([
      { module: "os", names: [] },
      { module: "a.b", names: [] },
      { module: ".", names: ["d"] },
      { module: "..e", names: ["f", "h"] },
      { module: "i", names: [] },
      { module: "inside", names: [] },
    ]);
  });

  it("lead to modules of the packages, from the top, from src, and from where they stand", async () => {
    const { between, rest } = await importsIn({
      "src/app/__init__.py": "",
      "src/app/main.py": "from . import util\nfrom .deep.x import y\nimport app.util, requests\nfrom .. import gone",
      "src/app/util.py": "import os.path",
      "src/app/deep/x.py": "from app import util, name",
      "tools/run.py": "import local",
      "tools/local.py": "",
    });
    expect(between).toEqual([
      "src/app/deep/x.py > src/app/__init__.py",
      "src/app/deep/x.py > src/app/util.py",
      "src/app/main.py > src/app/deep/x.py",
      "src/app/main.py > src/app/util.py",
      "tools/run.py > tools/local.py",
    ]);
    expect(rest).toEqual({ packages: ["os 1", "requests 1"], unresolved: [".."] });
  });
});

describe("the imports of Go", () => {
  it("are found alone and in blocks", () => {
    const text =
      'package a\nimport "fmt"\nimport x "example.org/x"\nimport (\n\t_ "b"\n\t// no\n\t. "c"\n)\nvar s = `import "d"`';
    expect(goImports(text)).toEqual(["fmt", "example.org/x", "b", "c"]);
  });

  it("lead to the directories of packages", async () => {
    const { between, rest } = await importsIn({
      "go.mod": "module example.org/m\n",
      "main.go": 'package main\nimport (\n"example.org/m/in"\n"fmt"\n"example.org/m/gone"\n)\n',
      "in/a.go": 'package in\nimport "example.org/m"\n',
      "in/b.go": 'package in\nimport "example.org/m"\nimport "fmt"\n',
    });
    expect(between).toEqual([". > in", "in > ."]);
    expect(rest).toEqual({ packages: ["fmt 2"], unresolved: ["example.org/m/gone"] });
  });
});

describe("circles of imports", () => {
  it("are the strongly connected components, however long a chain is", () => {
    const ring = [0, 1, 1, 2, 2, 0, 2, 3, 4, 3];
    const found = components(5, Uint32Array.from(ring)).map((members) => [...members].sort());
    expect(found.filter((members) => members.length > 1)).toEqual([[0, 1, 2]]);
    const long = Uint32Array.from({ length: 400_000 }, (_, at) => (at % 2 === 0 ? at / 2 : ((at + 1) / 2) % 200_000));
    expect(components(200_000, long)).toHaveLength(1);
  });

  it("are told with the largest first", async () => {
    const root = await temporaryDirectory();
    await writeTree(root, {
      ...{ "a.ts": "import './b'", "b.ts": "import './a'", "c.ts": "import './d'", "d.ts": "import './e'" },
      ...{ "e.ts": "import './c'", "f.ts": "import './a'" },
    });
    const { imports } = await summaryIn(root);
    expect(imports).toMatchObject({
      ...{ modules: 6, imports: 6, cycles: 2 },
      largestCycles: [
        { modules: 3, members: ["c.ts", "d.ts", "e.ts"] },
        { modules: 2, members: ["a.ts", "b.ts"] },
      ],
    });
  });
});
