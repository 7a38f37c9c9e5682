import { describe, expect, it } from "vitest";
import { serving } from "./serving.ts";
import { workplace } from "./workplace.ts";

// `planwright ask` and `answer` from the shell's side.

const COUNT = ["ask", "count", "the", "words", "--context", "text=one two three"];

describe("planwright ask", () => {
  it("hands a request over where somebody serves, and follows nothing", async () => {
    await using place = await workplace();
    const alone = await place.run(...COUNT, "--detach");
    expect(alone, alone.stderr).toMatchObject({ code: 5, stdout: "" });
    expect(alone.stderr).toMatch(/nobody-serves/);
    const holder = await serving(place);
    const handed = await place.run(...COUNT, "--detach", "--key", "once");
    expect(handed, handed.stderr).toMatchObject({ code: 0 });
    expect((await place.run("watch", handed.stdout.trim(), "--plain")).stdout).toMatch(/words 3/);
    const again = JSON.parse((await place.run(...COUNT, "--detach", "--key", "once", "--json")).stdout) as unknown;
    expect(again).toEqual({ plan: handed.stdout.trim(), attached: true });
    holder.kill("SIGTERM");
    await holder.ended;
  });

  it("tells what it asks, as lines and as JSON, and how to answer", async () => {
    await using place = await workplace();
    const two = ["ask", "count the words of this. I need it within 2 hours. I need it within 3 hours."];
    const asked = await place.run(...two, "--plain");
    expect(asked.code, asked.stderr).toBe(4);
    expect(asked.stderr).toMatch(/1 +.*2 hours[\s\S]*2 +.*3 hours/);
    const told = await place.run(...two, "--json");
    const question = told.stdout.split("\n").find((line) => line.startsWith('{"kind":"question"')) ?? "{}";
    expect(JSON.parse(question)).toMatchObject({
      signal: "answer",
      questions: expect.arrayContaining([expect.objectContaining({ id: "deadline" })]),
    });
  });

  it("leaves out the tools that it is told to", async () => {
    await using place = await workplace();
    const ran = await place.run(...COUNT, "--without", "text.*", "--plain");
    expect(ran.stdout).not.toMatch(/words 3/);
    expect(ran.stderr).not.toMatch(/text\.count$/m);
  });
});
