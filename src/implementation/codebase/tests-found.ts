// Which tests there are, and what runs them: by what manifests say, and by the names that runners look for.
// Nothing is run, so a runner that is named and not installed is found as well.

import { compare, directoryOf, nameOf } from "./code-path.ts";
import type { Manifest } from "./manifests/manifest.ts";

const MAX_RUNNERS = 50;
const MAX_DIRECTORIES = 20;

export interface TestRunner {
  readonly runner: string;
  /** Where it is to be run; empty for the directory itself. */
  readonly directory: string;
  /** What says so. */
  readonly because: string;
  readonly command: readonly string[];
}

export interface TestsFound {
  readonly files: number;
  readonly runners: readonly TestRunner[];
  /** With the most files. */
  readonly directories: readonly { readonly path: string; readonly files: number }[];
}

export class TestFiles {
  #count = 0;
  readonly #directories = new Map<string, number>();
  readonly #languages = new Set<TestLanguage>();
  readonly #settings: string[] = [];

  add(path: string): void {
    const name = nameOf(path);
    if (PYTEST_SETTINGS.has(name)) this.#settings.push(path);
    const language = testLanguageOf(path, name);
    if (language === undefined) return;
    this.#count += 1;
    this.#languages.add(language);
    const directory = directoryOf(path);
    this.#directories.set(directory, (this.#directories.get(directory) ?? 0) + 1);
  }

  found(manifests: readonly Manifest[]): TestsFound {
    const runners = new Map<string, TestRunner>();
    for (const one of [...manifests.flatMap((manifest) => this.#runnersOf(manifest)), ...this.#bySettings()]) {
      const key = `${one.directory} ${one.runner}`;
      if (!runners.has(key)) runners.set(key, one);
    }
    return {
      files: this.#count,
      runners: [...runners.values()]
        .sort((a, b) => compare(a.directory, b.directory) || compare(a.runner, b.runner))
        .slice(0, MAX_RUNNERS),
      directories: [...this.#directories]
        .map(([path, files]) => ({ path, files }))
        .sort((a, b) => b.files - a.files || compare(a.path, b.path))
        .slice(0, MAX_DIRECTORIES),
    };
  }

  #runnersOf(manifest: Manifest): readonly TestRunner[] {
    const directory = directoryOf(manifest.path);
    if (manifest.ecosystem === "npm") return nodeRunners(manifest);
    if (manifest.ecosystem === "python") return pythonRunner(manifest);
    if (!this.#languages.has(manifest.ecosystem)) return [];
    const command = manifest.ecosystem === "cargo" ? ["cargo", "test"] : ["go", "test", "./..."];
    const because = `${manifest.path}, and files of tests`;
    return [{ runner: command.slice(0, 2).join(" "), directory, because, command }];
  }

  #bySettings(): readonly TestRunner[] {
    // A conftest.py stands in many directories of one suite: the one nearest to the top is meant.
    const settings = this.#settings.toSorted((a, b) => a.split("/").length - b.split("/").length || compare(a, b));
    return settings.slice(0, 1).map((path) => pytest(nameOf(path) === "conftest.py" ? "" : directoryOf(path), path));
  }
}

const NODE_RUNNERS = ["vitest", "jest", "mocha", "ava", "tap", "jasmine", "@playwright/test", "cypress"];

function nodeRunners(manifest: Manifest): readonly TestRunner[] {
  const directory = directoryOf(manifest.path);
  const script = manifest.scripts["test"];
  const named = NODE_RUNNERS.flatMap((runner) => {
    const because = whyNode(manifest, runner);
    return because === undefined ? [] : [{ runner, because }];
  });
  const node = script !== undefined && /\bnode\b[^&|;]*\s--test\b/u.test(script);
  const all = node ? [...named, { runner: "node:test", because: `${manifest.path}: scripts.test` }] : named;
  // What runs that is none of these: said by the name of its program.
  const known = all.length > 0 || script === undefined || script.includes("no test specified");
  const whole = known ? all : [{ runner: "npm test", because: `${manifest.path}: scripts.test` }];
  const command = (runner: string): readonly string[] => {
    if (script !== undefined) return ["npm", "test"];
    return runner === "node:test" ? ["node", "--test"] : ["npx", "--no-install", runner];
  };
  return whole.map(({ runner, because }) => ({ runner, directory, because, command: command(runner) }));
}

function whyNode({ path, scripts, configures, dependencies }: Manifest, runner: string): string | undefined {
  if (new RegExp(`(?:^|[\\s/])${runner}(?:\\s|$)`, "u").test(scripts["test"] ?? "")) return `${path}: scripts.test`;
  if (configures.includes(runner)) return `${path}: its settings`;
  const dependency = dependencies.find(({ name }) => name === runner);
  return dependency === undefined ? undefined : `${path}: a dependency (${dependency.kind})`;
}

function pythonRunner({ path, configures, dependencies }: Manifest): readonly TestRunner[] {
  if (configures.includes("pytest")) return [pytest(directoryOf(path), `${path}: tool.pytest`)];
  return dependencies.some(({ name }) => name === "pytest") ? [pytest(directoryOf(path), `${path}: a dependency`)] : [];
}

function pytest(directory: string, because: string): TestRunner {
  return { runner: "pytest", directory, because, command: ["python3", "-m", "pytest"] };
}

const PYTEST_SETTINGS: ReadonlySet<string> = new Set(["pytest.ini", "conftest.py"]);

type TestLanguage = "npm" | "python" | "cargo" | "go";

function testLanguageOf(path: string, name: string): TestLanguage | undefined {
  if (/\.(?:test|spec)\.[cm]?[jt]sx?$/u.test(name)) return "npm";
  if (/\.[cm]?[jt]sx?$/u.test(name) && /(?:^|\/)__tests__\//u.test(path)) return "npm";
  if (/^(?:test_.*|.*_test)\.py$/u.test(name)) return "python";
  if (name.endsWith("_test.go")) return "go";
  return name.endsWith(".rs") && /(?:^|\/)tests\//u.test(path) ? "cargo" : undefined;
}
