import { mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { templateRegistry } from "#src/templates/registry.ts";
import { temporaryFolder, type TemporaryFolder } from "../store/folder.ts";
import { codes } from "./template-file.ts";

let folder: TemporaryFolder;
const at = (...parts: string[]): string => path.join(folder.path, ...parts);

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

async function write(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(at(file)), { recursive: true });
  await writeFile(at(file), text);
}

const template = (name: string): string => `template: ${name}\nstep: { value: 1 }\n`;
const packageJson = (templates: unknown): string => JSON.stringify({ name: "p", planwright: { templates } });

const registry = (templates?: readonly string[], plans?: readonly string[]) =>
  templateRegistry({ templates, plans, directory: folder.path });
const names = (templates?: readonly string[], plans?: readonly string[]): readonly string[] =>
  registry(templates, plans).templates.map(({ name }) => name);

describe("the registry", () => {
  it("reads `templates` beside the configuration and the plans where nothing is named", async () => {
    expect(registry()).toMatchObject({ templates: [], findings: [] });
    await write("templates/a.template.yaml", template("a"));
    await write("shared/templates/b.template.json", JSON.stringify({ template: "b", step: { value: 1 } }));
    await write("shared/templates/b.yaml", template("not_looked_at"));
    expect(names(undefined, [at("shared"), at("shared", "x.plan.yaml"), at("none")])).toEqual(["a", "b"]);
    expect(names([at("shared", "templates")])).toEqual(["b"]);
  });

  it("reads installed packages, from the project's directory upward, and downloads nothing", async () => {
    await write("node_modules/@acme/plans/package.json", packageJson("lib"));
    await write("node_modules/@acme/plans/lib/a.template.yaml", template("a"));
    await write("node_modules/plain/package.json", packageJson("."));
    await write("node_modules/plain/b.template.yaml", template("b"));
    await mkdir(at("deep", "below"), { recursive: true });
    const found = templateRegistry({ templates: ["@acme/plans", "plain", "missing"], directory: at("deep", "below") });
    expect(found.templates.map(({ name, place }) => [name, place])).toEqual([
      ["a", "@acme/plans"],
      ["b", "plain"],
    ]);
    expect(codes(found.findings)).toEqual(["template-package-missing"]);
  });

  it.each(["../..", "/etc", "lib/../../outside", "..", "lib/link", 7, ""])(
    "reads nothing where a package's folder is %j",
    async (said) => {
      await write("node_modules/outside/a.template.yaml", template("a"));
      await write("node_modules/p/lib/none.txt", "");
      await symlink(at("node_modules", "outside"), at("node_modules", "p", "lib", "link"));
      await write("node_modules/p/package.json", packageJson(said));
      const { templates, findings } = registry(["p"]);
      expect(templates).toEqual([]);
      expect(codes(findings)).toEqual([
        typeof said === "string" && said !== "" ? "template-outside" : "template-package-malformed",
      ]);
    },
  );

  it("refuses links in a package that lead out of it, and reads the others", async () => {
    await write("secret.template.yaml", template("secret"));
    await write("node_modules/p/package.json", packageJson("lib"));
    await write("node_modules/p/lib/a.template.yaml", template("a"));
    await symlink(at("node_modules", "p", "lib", "a.template.yaml"), at("node_modules", "p", "lib", "b.template.yaml"));
    await symlink(at("secret.template.yaml"), at("node_modules", "p", "lib", "c.template.yaml"));
    const { templates, findings } = registry(["p"]);
    expect(codes(findings)).toContain("template-outside");
    expect(templates.map(({ name }) => name)).not.toContain("secret");
  });

  it.each(["../p", "@acme/../p", "a/b/c", "P", ".hidden", "x".repeat(300)])(
    "looks for no package named %s",
    async (name) => {
      await write("p/package.json", packageJson("lib"));
      await write("p/lib/a.template.yaml", template("a"));
      await mkdir(at("node_modules"), { recursive: true });
      expect(codes(registry([name]).findings)).toEqual(["template-package-missing"]);
    },
  );

  it("tells of what cannot be read, and has the rest", async () => {
    await write("templates/a.template.yaml", template("a"));
    await write("templates/b.template.yaml", "template: [\n");
    await write("templates/c.template.yaml", `template: c\nstep: { value: "${"x".repeat(5_000_000)}" }\n`);
    await write(
      "templates/d.template.yaml",
      "a: &a [1,1]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\n".concat("x: 1\n"),
    );
    await symlink(at("nowhere"), at("templates", "e.template.yaml"));
    await mkdir(at("templates", "f.template.yaml"));
    const { templates, findings } = registry([at("templates"), at("none")]);
    expect(templates.map(({ name }) => name)).toEqual(["a"]);
    expect(codes(findings)).toEqual(
      expect.arrayContaining(["plan-too-large", "template-file-unreadable", "templates-unreadable", "missing-word"]),
    );
    expect(findings.every(({ file }) => file.startsWith(folder.path))).toBe(true);
  });
});
