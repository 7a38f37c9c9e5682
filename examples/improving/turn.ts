import { spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

// `npm run improve`: a project with ten gaps is assessed, planned, approved, implemented with real tools, killed halfway and continued,
// reported, and rolled back to the byte. Exit code 0: all of it held.

const HELP = `Usage: npm run improve -- [--keep]

Copies the project in examples/improving/project to a temporary folder, makes a repository of it, and improves it by the
requirements in examples/improving/requirements.yaml with the commands that are shown.

  --keep  leaves the folder, and says where it is

Exit codes: 0 all of it held; 1 something did not, and is named; 2 mistyped, nothing ran.
`;

const EXAMPLE = path.dirname(fileURLToPath(import.meta.url));
const CHECKOUT = path.resolve(EXAMPLE, "../..");
/** Merges before the first run is killed. */
const KILLED_AFTER = 5;
const GAPS = 10;
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const SHOWN_LINES = 60;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
const ASSESS = ["assess", ".", "--requirements", "requirements.yaml"];

// Formatter and runner of this checkout are the project's.
const environment = {
  ...process.env,
  NO_COLOR: "1",
  PATH: [path.join(CHECKOUT, "node_modules/.bin"), process.env["PATH"]].join(path.delimiter),
};

process.exitCode = main();

function main(): number | undefined {
  let keep = false;
  try {
    const { values } = parseArgs({ options: { keep: { type: "boolean" }, help: { type: "boolean", short: "h" } } });
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    keep = values.keep === true;
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n\n${HELP}`);
    return EXIT_USAGE;
  }
  const folder = mkdtempSync(path.join(tmpdir(), "planwright-improve-"));
  void improve(path.join(folder, "shelf"))
    .then(
      () => say("\nall of it held: improved, killed, continued, and taken back to the byte"),
      (error: unknown) => {
        process.stderr.write(`\nimproving failed: ${messageOf(error)}\n`);
        process.exitCode = EXIT_FAILED;
      },
    )
    .finally(() => {
      if (keep) say(`the project is in ${path.join(folder, "shelf")}`);
      else rmSync(folder, { recursive: true, force: true });
    });
  return undefined;
}

async function improve(project: string): Promise<void> {
  cpSync(path.join(EXAMPLE, "project"), project, { recursive: true });
  writeFileSync(path.join(project, "requirements.yaml"), readFileSync(path.join(EXAMPLE, "requirements.yaml")));
  makeRepository(project);
  const before = treeOf(project);

  const found = planwright(project, ASSESS);
  expect(found.code === 1, `gaps are an exit code of 1, not ${found.code}`);
  expect(found.stdout.includes(`0 met, ${GAPS} unmet`), `the project has ${GAPS} gaps`);

  const planned = succeed(planwright(project, ["plan-changes", ".", "--requirements", "requirements.yaml"]));
  const plan = planned.stdout.trim().split("\n").at(-1) ?? "";
  succeed(planwright(project, ["review", plan]));
  succeed(planwright(project, ["approve", plan, "approve_owner", "--note", "looks right", "--yes"]));
  await implementedHalf(project, plan);
  succeed(planwright(project, ["implement", plan, "--plain"]));

  succeed(planwright(project, ASSESS));
  succeed(planwright(project, ["report", plan]));
  const page = path.join(path.dirname(project), "report.html");
  succeed(planwright(project, ["report", plan, "--format", "html", "--out", page]));
  say(`\n$ git log --oneline\n${git(project, ["log", "--oneline"])}`);

  succeed(planwright(project, ["rollback", plan, "--yes", "--plain"]));
  const after = treeOf(project);
  const differing = [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => before.get(name) !== after.get(name),
  );
  expect(differing.length === 0, `these are not as they were: ${differing.join(", ")}`);
  say(`${before.size} files and folders are as they were, to the byte`);
}

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly line: string;
}

function planwright(project: string, args: readonly string[]): Ran {
  const line = `planwright ${args.join(" ")}`;
  say(`\n$ ${line}`);
  const ran = spawnSync(process.execPath, [path.join(CHECKOUT, "src/cli/planwright.cjs"), ...args], {
    cwd: project,
    env: environment,
    encoding: "utf8",
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  say(shortened(`${ran.stdout}${ran.stderr}`));
  return { code: ran.status ?? EXIT_FAILED, stdout: ran.stdout, line };
}

/** Runs the plan in a process of its own, which is killed when so many changes are merged. */
async function implementedHalf(project: string, plan: string): Promise<void> {
  say(`\n$ planwright implement ${plan} --json   # and kill -9 halfway`);
  const child = spawn(process.execPath, [path.join(CHECKOUT, "src/cli/planwright.cjs"), "implement", plan, "--json"], {
    cwd: project,
    env: environment,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let merged = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    if (!/"type":"StepSucceeded".*"step":"\w+_merge"/u.test(line)) continue;
    merged += 1;
    if (merged === KILLED_AFTER) child.kill("SIGKILL");
  }
  await ended;
  say(`killed after ${merged} of ${GAPS} changes`);
  expect(merged >= KILLED_AFTER && merged < GAPS, "it was to be killed halfway");
}

function makeRepository(project: string): void {
  git(project, ["init", "--quiet", "--initial-branch=main"]);
  git(project, ["add", "--all"]);
  git(project, ["commit", "--quiet", "--message=Shelf, as it was found"]);
}

function git(project: string, args: readonly string[]): string {
  const who = ["-c", "user.name=Shelf", "-c", "user.email=shelf@localhost"];
  const ran = spawnSync("git", [...who, ...args], { cwd: project, env: environment, encoding: "utf8" });
  expect(ran.status === 0, `git ${args.join(" ")}: ${ran.stderr}`);
  return ran.stdout;
}

/** What each file, link and folder of the project is, but for git's own and the store. */
function treeOf(project: string): ReadonlyMap<string, string> {
  const tree = new Map<string, string>();
  const visit = (folder: string): void => {
    for (const name of readdirSync(path.join(project, folder))) {
      const place = path.join(folder, name);
      if (place === ".git" || place === ".planwright") continue;
      const whole = path.join(project, place);
      const found = lstatSync(whole);
      const content = found.isSymbolicLink()
        ? readlinkSync(whole)
        : found.isDirectory()
          ? ""
          : readFileSync(whole).toString("base64");
      tree.set(place, `${found.mode.toString(8)} ${content}`);
      if (found.isDirectory()) visit(place);
    }
  };
  visit("");
  return tree;
}

function succeed(ran: Ran): Ran {
  expect(ran.code === 0, `${ran.line} ended with ${ran.code}`);
  return ran;
}

function expect(holds: boolean, message: string): void {
  if (!holds) throw new Error(message);
}

function shortened(text: string): string {
  const lines = text.trimEnd().split("\n");
  return lines.length <= SHOWN_LINES
    ? lines.join("\n")
    : [...lines.slice(0, SHOWN_LINES), `… ${lines.length - SHOWN_LINES} more lines`].join("\n");
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
