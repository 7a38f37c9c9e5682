// A door with the engine behind it, and what the claims about operations need of both.
import type { Client, Output } from "#src/api/client.ts";
import { served, type DoorName, type Gates, type Served } from "../../http/served.ts";
import { NatsServer } from "../../nats/server.ts";

export const GATED = (gate: string, tool = "gate.pass"): string => `plan: gated
steps:
  first: { value: 1 }
  wait: { tool: ${tool}, with: { gate: ${gate} }, retry: { attempts: 1 } }
  last: { value: "\${steps.wait.output} after \${steps.first.output}" }
respond: "\${steps.last.output}"
`;

export const GREETING = `plan: greeting
inputs:
  name: { type: string }
  times: { type: integer, default: 1 }
steps:
  greet: { value: "\${inputs.name} \${inputs.times}" }
respond: "\${steps.greet.output}"
`;

export const UNDOABLE = (gate: string): string => `plan: undoable
steps:
  make: { tool: gate.once, with: { gate: ${gate} }, undo: { tool: gate.pass, with: { gate: ${gate}-back } } }
`;

export const REVIEWED = `plan: reviewed
steps:
  review: { approve: { show: "is it good?" } }
  after: { value: "\${steps.review.output.by}", needs: [review] }
respond: "\${steps.after.output}"
`;

/** Two of the role `reviewer` have to approve what comes after. */
export const WANTS_TWO = (more = ""): string => `plan: for_two
steps:
  review: { approve: { role: reviewer, approvers: 2, show: "is it good?" } }
  after: { value: "\${size(steps.review.output.approvals) ${more}}" }
respond: "\${steps.after.output}"
`;

export const NO_PLAN = "00000000-0000-4000-8000-000000000000";

export class Doorway {
  readonly name: DoorName;
  /** The principal that this door makes of the caller. */
  readonly actor: string;
  private served: Served | undefined;
  private server: NatsServer | undefined;
  private made = 0;

  constructor(name: DoorName, actor: string) {
    this.name = name;
    this.actor = actor;
  }

  async open(): Promise<void> {
    if (this.name === "nats") this.server = await NatsServer.start();
    this.served = await served(this.server);
  }

  async close(): Promise<void> {
    await this.served?.[Symbol.asyncDispose]();
    await this.server?.[Symbol.asyncDispose]();
  }

  get client(): Client {
    const { name, there } = this;
    if (name !== "nats") return there.clients[name];
    if (there.overNats === undefined) throw new Error("there is no server of NATS");
    return there.overNats;
  }

  /** Somebody else, by another door. */
  get other(): Client {
    const { "in-process": own, http } = this.there.clients;
    return this.actor.startsWith("os:") ? http : own;
  }

  get gates(): Gates {
    return this.there.gates;
  }

  /** The name of a gate, or of anything else that there must be once. */
  fresh(): string {
    return `${this.name}-${this.made++}`;
  }

  async start(source: string, more: object = {}): Promise<string> {
    return (await this.client.submit({ source, ...more })).plan;
  }

  async ended(plan: string): Promise<Output<"wait">> {
    for (;;) {
      const seen = await this.client.wait({ plan, timeoutMs: 20_000 });
      if (seen.settled) return seen;
    }
  }

  /** A plan whose tool has come to the gate. */
  async waitingAt(gate: string, tool?: string): Promise<string> {
    const plan = await this.start(GATED(gate, tool));
    await this.gates.until(gate);
    return plan;
  }

  /** Asks again until it is so: what a plan does by itself comes a moment later. */
  async until(isSo: () => Promise<boolean>): Promise<void> {
    while (!(await isSo())) await this.client.status({});
  }

  async asked(plan: string): Promise<Output<"approvals">["approvals"][number]> {
    await this.until(async () => (await this.client.approvals({ plan })).approvals.length > 0);
    return (await this.client.approvals({ plan })).approvals[0]!;
  }

  private get there(): Served {
    if (this.served === undefined) throw new Error("the door is not open yet");
    return this.served;
  }
}
