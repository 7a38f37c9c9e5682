// How a project's tests are run, as its own manifest says. The first that says something counts, and package.json before all: it says
// it itself, while the others say only which program there is.

import { z } from "zod";
import { parsed } from "./stat-index.ts";
import type { Survey } from "./survey.ts";
import { utf8Text } from "./file-text.ts";

const MAX_MANIFEST_BYTES = 1024 * 1024;
/** What `npm init` writes where there are none. */
const NO_TESTS = /no test specified/u;

const LOCKS: readonly (readonly [string, string])[] = [
  ["pnpm-lock.yaml", "pnpm"],
  ["yarn.lock", "yarn"],
  ["bun.lock", "bun"],
  ["bun.lockb", "bun"],
];

const OTHERS: readonly (readonly [string, readonly string[]])[] = [
  ["Cargo.toml", ["cargo", "test"]],
  ["go.mod", ["go", "test", "./..."]],
  ["pyproject.toml", ["python3", "-m", "pytest"]],
  ["pytest.ini", ["python3", "-m", "pytest"]],
  ["tox.ini", ["tox"]],
  ["pom.xml", ["mvn", "--batch-mode", "test"]],
  ["gradlew", ["./gradlew", "test"]],
  ["build.gradle", ["gradle", "test"]],
  ["build.gradle.kts", ["gradle", "test"]],
  ["mix.exs", ["mix", "test"]],
  ["Gemfile", ["bundle", "exec", "rake", "test"]],
  ["composer.json", ["composer", "test"]],
];

/** Undefined where no manifest says how. */
export async function testCommand(survey: Survey): Promise<readonly string[] | undefined> {
  const script = await scriptIn(survey);
  if (script !== undefined) {
    const [, program = "npm"] = LOCKS.find(([lock]) => survey.has(lock)) ?? [];
    return [program, "run", "test"];
  }
  const [, command] = OTHERS.find(([manifest]) => survey.has(manifest)) ?? [];
  if (command !== undefined) return command;
  const makefile = await textOf("Makefile", survey);
  return makefile !== undefined && /^test\s*:/mu.test(makefile) ? ["make", "test"] : undefined;
}

/** As much of a package.json as says how tests are run. */
const manifest = z.looseObject({ scripts: z.looseObject({ test: z.string() }) });

async function scriptIn(survey: Survey): Promise<string | undefined> {
  const read = manifest.safeParse(parsed(await textOf("package.json", survey)));
  const script = read.data?.scripts.test;
  return script === undefined || NO_TESTS.test(script) ? undefined : script;
}

async function textOf(name: string, survey: Survey): Promise<string | undefined> {
  const bytes = survey.has(name) ? await survey.read(name, MAX_MANIFEST_BYTES) : undefined;
  return bytes === undefined || typeof bytes === "string" ? undefined : utf8Text(bytes);
}
