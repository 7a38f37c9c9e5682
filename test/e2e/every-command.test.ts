import { readFileSync } from "node:fs";
import path from "node:path";
import type { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "#src/cli/exit-code.ts";
import { buildProgram } from "#src/cli/program.ts";
import { saidTerminal } from "../cli/said-terminal.ts";
import { ROOT } from "./command.ts";
import { INITIALIZE, rawProcess } from "./mcp-process.ts";
import { serving, type Serving } from "./serving.ts";
import { workplace, type Workplace } from "./workplace.ts";

// Every command that there is: its help has examples, what it prints with --json is JSON, and it ends with a code of the table.

const PLANS = {
  "quick.yaml": "plan: quick\nsteps:\n  one: { value: 1 }\nrespond: fine\n",
  "failing.yaml": "plan: failing\nsteps:\n  read: { tool: json.read, with: { path: none.json } }\n",
  "napping.yaml": "plan: napping\nsteps:\n  nap: { wait: 1h }\n  last: { value: 1, needs: [nap] }\n",
  "asking.yaml":
    "plan: asking\nsteps:\n  review: { approve: { show: good? } }\n  last: { value: 1, needs: [review] }\n",
  "requests.jsonl": '{"request": "Find a room and book it", "tools": ["room_search", "room_booking"]}\n',
  "templates/greeting.template.yaml":
    "template: greeting\nparameters: { name: { type: string, default: you } }\nstep: { value: '${parameters.name}' }\n",
  "questioned.yaml": "plan: questioned\nsteps:\n  word: { signal: answer }\n",
  "changes.yaml": "plan: changes\nsteps:\n  begin: { signal: implement }\n",
  "requirements.yaml":
    "requirements: few\ncapabilities: [{ id: a, title: A, check: { kind: file, files: quick.yaml } }]\n",
  "signalled.yaml": "plan: signalled\nsteps:\n  paid: { signal: paid }\n",
};

/** Arguments by command; a name of a plan file stands for a new plan of it, which `serve` runs. */
const RUNS: Readonly<Record<string, readonly string[]>> = {
  run: ["quick.yaml", "--store", "own"],
  validate: ["quick.yaml", "--estimate"],
  simulate: ["quick.yaml", "--seeds", "1"],
  resume: [],
  serve: ["--store", "other"],
  mcp: ["--store", "third"],
  worker: [],
  ask: ["read the file quick.yaml"],
  answer: ["<questioned.yaml>", "fine"],
  assess: [".", "--requirements", "requirements.yaml", "--store", "own"],
  backlog: ["--store", "own"],
  "plan-changes": [".", "--requirements", "requirements.yaml", "--store", "own", "--dry-run"],
  submit: ["quick.yaml"],
  list: [],
  show: ["<quick.yaml>"],
  why: ["<napping.yaml>"],
  report: ["<quick.yaml>"],
  history: ["<quick.yaml>"],
  replay: ["<quick.yaml>", "--to", "1"],
  watch: ["<quick.yaml>"],
  resolve: ["<napping.yaml>", "nap", "--retry"],
  cancel: ["<napping.yaml>"],
  approve: ["<asking.yaml>", "--yes"],
  deny: ["<asking.yaml>", "--yes"],
  review: ["<asking.yaml>", "--audit"],
  comment: ["<asking.yaml>", "why now?"],
  "request-changes": ["<asking.yaml>", "--note", "shorter"],
  withdraw: ["<asking.yaml>"],
  signal: ["<signalled.yaml>", "paid", "--payload", "7"],
  pause: ["<napping.yaml>"],
  done: ["<failing.yaml>", "read"],
  skip: ["<napping.yaml>", "nap"],
  retry: ["<failing.yaml>", "--detach"],
  rollback: ["<quick.yaml>", "--yes", "--detach"],
  implement: ["<changes.yaml>"],
  revise: ["<napping.yaml>", "napping.yaml", "--yes"],
  tools: ["http.json"],
  schema: [],
  stats: [],
  doctor: [],
  status: [],
  config: [],
  completion: ["bash"],
  "planner train": ["requests.jsonl", "--out", "planner.model"],
  "planner show": ["planner.model"],
  "planner prompts": ["<quick.yaml>"],
  "template new": ["fresh"],
  "template list": [],
  "template show": ["greeting"],
  "template test": [],
  "template offered": [],
  "blobs usage": [],
  "blobs list": [],
  "blobs sweep": ["--dry-run"],
};

function commandsOf(parent: Command, names: readonly string[] = []): ReadonlyMap<string, Command> {
  return new Map(
    parent.commands.flatMap((command): [string, Command][] => {
      const path = [...names, command.name()];
      return command.commands.length === 0 ? [[path.join(" "), command]] : [...commandsOf(command, path)];
    }),
  );
}

const { said, terminal } = saidTerminal();
const commands = commandsOf(buildProgram(terminal, () => undefined));

describe("the table of this test", () => {
  it("has every command", () => expect(Object.keys(RUNS).toSorted()).toEqual([...commands.keys()].toSorted()));
});

describe("the help", () => {
  it.each([...commands.keys()])("of %s has examples of it, and says what every option does", async (name) => {
    said.length = 0;
    const program = buildProgram(terminal, () => undefined);
    await expect(program.parseAsync([...name.split(" "), "--help"], { from: "user" })).rejects.toMatchObject({
      exitCode: 0,
    });
    const help = said.join("\n");
    expect(help).toMatch(new RegExp(`Examples:\\n  planwright ${name.replace(" usage", "")}`));
    expect(help).toMatch(/--json/);
    for (const { long, description } of commands.get(name)!.options)
      expect(description, `${name} ${long}`).not.toBe("");
  });
});

describe("with --json", () => {
  let place: Workplace;
  let server: Serving;

  beforeAll(async () => {
    place = await workplace();
    for (const [name, text] of Object.entries(PLANS)) await place.write(name, text);
    server = await serving(place);
  });
  afterAll(async () => {
    server.kill("SIGTERM");
    await server.ended;
    await place[Symbol.asyncDispose]();
  });

  it.each(Object.entries(RUNS))(
    "%s prints JSON, and ends with a code of the table",
    { timeout: 60_000 },
    async (name, args) => {
      const filled: string[] = [];
      for (const arg of args) filled.push(arg.startsWith("<") ? await planOf(arg.slice(1, -1)) : arg);
      if (name === "serve") return servedOnce();
      if (name === "mcp") return spokenOnce(args);
      const ran = await place.run(...name.split(" "), ...filled, "--json");
      expect(Object.values(EXIT), ran.stderr).toContain(ran.code);
      expect(ran.code, ran.stderr).not.toBe(EXIT.defect);
      const lines = ran.stdout.trim().split("\n");
      expect(lines[0], ran.stderr).not.toBe("");
      for (const line of lines) expect(() => void JSON.parse(line), line).not.toThrow();
    },
  );

  async function planOf(file: string): Promise<string> {
    const submitted = await place.run("submit", file, "--json");
    const { plan } = JSON.parse(submitted.stdout) as { plan: string };
    const isWaiting = !["quick.yaml", "failing.yaml"].includes(file);
    if (!isWaiting) await place.run("watch", plan);
    return plan;
  }

  async function spokenOnce(args: readonly string[]): Promise<void> {
    const speaking = rawProcess(place, ...args, "--json");
    speaking.send(INITIALIZE);
    expect(JSON.parse(await speaking.until('"id":1'))).toMatchObject({
      result: { serverInfo: { name: "planwright" } },
    });
    speaking.end();
    const { code, stderr } = await speaking.ended;
    expect(code).toBe(EXIT.ok);
    for (const line of stderr.trim().split("\n")) expect(JSON.parse(line)).toMatchObject({ kind: "holds" });
  }

  async function servedOnce(): Promise<void> {
    const other = await serving(place, ["--store", "other"]);
    expect(other.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    other.kill("SIGTERM");
    expect((await other.ended).code).toBe(EXIT.ok);
  }
});

describe("the page of the command line", () => {
  it("has every command", () => {
    const page = readFileSync(path.join(ROOT, "docs", "command-line.md"), "utf8");
    const listed = [...page.matchAll(/^\| `([a-z-]+(?: [a-z-]+)?)/gm)].map(([, name = ""]) => name);
    for (const name of commands.keys()) expect(listed, name).toContain(name.replace(/^blobs .*/, name));
  });
});
