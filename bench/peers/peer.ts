// What the driver has to know of a peer; how its engine is opened and a workflow run says the worker in the peer's folder.
// A second row of one engine (another store, a bus between) is another folder with another entry in peers.ts.

export interface Peer {
  /** Its folder, and what `--only` calls it. */
  readonly name: string;
  readonly title: string;
  /** The file in its folder that opens the engine. */
  readonly worker: string;
  /** Whether the engine lives in the worker process (and its steps too, or in a process beside it) or in a server of its own. */
  readonly engine: "in process" | "steps apart" | "server";
  /** Where and how a step's result is made durable. */
  readonly durability: string;
  /** What is not like for like, each one sentence. */
  readonly unlike: readonly string[];
  readonly server?: ServerKind;
}

export interface ServerKind {
  /** The program, as people know it. */
  readonly name: string;
  /** The one command that installs it. */
  readonly install: string;
  /** Whether it comes with the peer's own packages, which the command installs. */
  readonly isPackaged: boolean;
  /** Folders of its store that are no record: logs whose files it keeps to write them anew. */
  readonly leftOut: readonly string[];
  /** Its version, for the report; throws where the program cannot be run. */
  version(program: string): string;
  /** The path of the program; undefined where it is missing. */
  find(peerFolder: string): string | undefined;
  /** Starts it over a folder that is empty or that it has kept before. Resolves once it answers. */
  start(program: string, folder: string): Promise<RunningServer>;
}

interface RunningServer extends AsyncDisposable {
  readonly pid: number;
  /** What runs with it: processes of the peer that outlive its worker. */
  readonly beside?: readonly number[];
  /** What a worker needs to reach it: a URL, or `host:port`. */
  readonly address: string;
}
