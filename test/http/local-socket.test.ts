import { chmod, mkdir, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { Fault } from "#events/fault.ts";
import { remoteClient } from "#src/client/remote.ts";
import { connectPlanwright, openPlanwright } from "#src/compose.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { temporaryFolder } from "../store/folder.ts";

const modeOf = async (file: string): Promise<number> => (await stat(file)).mode & 0o777;

describe("the local socket", () => {
  it("is in a folder that only its user reaches, also where the folder was there before", async () => {
    await using folder = await temporaryFolder();
    const door = path.join(folder.path, "door");
    await mkdir(door);
    await chmod(door, 0o755);
    await using planwright = await openPlanwright({ store: folder.path });
    expect(planwright.socket).toBe(path.join(door, "socket"));
    expect([await modeOf(door), await modeOf(planwright.socket ?? "")]).toEqual([0o700, 0o600]);
    using client = await connectPlanwright({ store: folder.path });
    expect(await client.status({})).toMatchObject({ pid: process.pid, store: folder.path });
  });

  it("replaces what a killed process left", async () => {
    await using folder = await temporaryFolder();
    const socket = path.join(folder.path, "door", "socket");
    await mkdir(path.dirname(socket));
    await writeFile(socket, "");
    await using planwright = await openPlanwright({ store: folder.path });
    using client = await connectPlanwright({ store: folder.path });
    expect(await client.status({})).toMatchObject({ pid: process.pid });
    expect(planwright.socket).toBe(socket);
  });

  it("is done without where there can be none: the store works all the same", async () => {
    await using folder = await temporaryFolder();
    await writeFile(path.join(folder.path, "door"), "not a folder");
    const warnings: string[] = [];
    const note = (): void => undefined;
    const log = { debug: note, info: note, error: note, warn: (text: string) => void warnings.push(text) };
    await using planwright = await openPlanwright({ store: folder.path, log });
    expect(planwright.socket).toBeUndefined();
    expect(warnings).toEqual(["other processes cannot reach this one"]);
    const { plan } = await planwright.client.submit({ source: "plan: a\nsteps:\n  b: { value: 1 }\n" });
    expect(await planwright.client.wait({ plan })).toMatchObject({ status: "succeeded" });
    await expect(connectPlanwright({ store: folder.path })).rejects.toMatchObject({ code: "nobody-serves" });
  });

  it("is not opened where nobody asks for it", async () => {
    await using folder = await temporaryFolder();
    await using planwright = await openPlanwright({ store: folder.path, socket: false });
    expect(planwright.socket).toBeUndefined();
  });

  it("answers whoever has connected before it closes; nobody else was heard, and knows it", async () => {
    for (let round = 0; round < 10; round++) {
      await using folder = await temporaryFolder();
      const planwright = await openPlanwright({ store: folder.path });
      using client = remoteClient({ socket: planwright.socket ?? "" }, { clock: systemClock });
      // Each round closes at another turn of the loop: some questions are on their way, some come when the door is shut.
      const questions: Promise<unknown>[] = [];
      const ask = (): void => void questions.push(client.status({}).catch((error: unknown) => error));
      for (let turn = 0; turn <= round; turn++) {
        for (let count = 0; count < 8; count++) ask();
        await new Promise((resolve) => setImmediate(resolve));
      }
      const closed = planwright[Symbol.asyncDispose]();
      for (let count = 0; count < 8; count++) ask();
      await closed;
      for (const answer of await Promise.all(questions)) {
        if (!(answer instanceof Fault)) expect(answer).toMatchObject({ pid: process.pid });
        else if (answer.code !== "stopping") expect(answer).toMatchObject({ details: { unheard: true } });
      }
    }
  });

  it("of a process that does not answer is nobody's", async () => {
    await using folder = await temporaryFolder();
    const socket = path.join(folder.path, "silent");
    const holder = { pid: 1, command: "planwright run other.yaml", since: 0, socket };
    await writeFile(path.join(folder.path, "holder.json"), JSON.stringify(holder));
    await expect(connectPlanwright({ store: folder.path })).rejects.toMatchObject({ code: "nobody-serves" });
    // Somebody listens there, but hangs up.
    const other = createServer((connection) => connection.destroy());
    await new Promise<void>((resolve) => other.listen(socket, resolve));
    await expect(connectPlanwright({ store: folder.path })).rejects.toMatchObject({ code: "nobody-serves" });
    await new Promise((resolve) => other.close(resolve));
  });
});
