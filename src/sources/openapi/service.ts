import { pathToFileURL } from "node:url";
import { parseDuration } from "#src/language/duration.ts";
import type { Clock } from "#src/ports/clock.ts";
import { toolNames } from "#src/sources/names.ts";
import { callOperation, type Service } from "#src/sources/openapi/call.ts";
import { loadDocument, type ApiDocument } from "#src/sources/openapi/document.ts";
import { operationsOf, type Operation } from "#src/sources/openapi/operations.ts";
import { schemaTool } from "#src/sources/schema-tool.ts";
import { isSelected } from "#src/sources/selection.ts";
import type { OpenApiSettings } from "#src/sources/settings.ts";
import type { SourceProblem } from "#src/sources/source-problem.ts";
import { categorize } from "#src/tools/categorize.ts";
import { ToolFailure, type Tool, type ToolContext } from "#src/tools/define.ts";
import type { Absence, ToolSource } from "#src/tools/registry.ts";
import { isJsonList } from "#events/json.ts";

// The operations of one OpenAPI document as tools. The document is read once, when the process begins: who changes it begins anew.
//
// V1. What HTTP says of a method counts: GET, HEAD and OPTIONS read, PUT and DELETE may be sent again, POST and PATCH may not.

const READS = new Set(["GET", "HEAD", "OPTIONS"]);
const REPEATABLE = new Set(["PUT", "DELETE"]);

export class OpenApiService implements ToolSource {
  problems: readonly SourceProblem[] = [];
  private readonly name: string;
  private readonly source: string;
  private readonly settings: OpenApiSettings;
  private tools: ReadonlyMap<string, Tool> = new Map();
  private away: string | undefined;

  constructor(name: string, settings: OpenApiSettings) {
    this.name = name;
    this.source = `openapi ${name}`;
    this.settings = settings;
  }

  /** Resolves when the document is read, or when it is known why not. Rejects with the signal's reason only. */
  async open(signal: AbortSignal, clock: Clock): Promise<void> {
    const { source, settings } = this;
    try {
      const document = await loadDocument(settings.document, reading(signal, clock));
      const { operations, flaws } = operationsOf(document);
      this.tools = this.toolsOf(operations, document);
      this.problems = flaws.map((flaw) => ({ source, code: "source-tool-unusable", message: `${source}: ${flaw}` }));
    } catch (error) {
      signal.throwIfAborted();
      const { message } = categorize(error);
      this.away = message;
      this.problems = [{ source, code: "source-unavailable", message: `${source} cannot be used: ${message}` }];
    }
  }

  get(name: string): Tool | undefined {
    return this.tools.get(name);
  }

  list(): readonly Tool[] {
    return [...this.tools.values()];
  }

  absence(name: string): Absence | undefined {
    if (this.away === undefined || !name.startsWith(`${this.settings.prefix ?? this.name}.`)) return undefined;
    const message = `${name} would be a tool of ${this.source}, which cannot be used: ${this.away}`;
    return { category: "unavailable", code: "source-unavailable", message };
  }

  private toolsOf(operations: readonly Operation[], document: ApiDocument): ReadonlyMap<string, Tool> {
    const { settings, name: own } = this;
    const selected = operations.filter(({ name }) => isSelected(name, settings));
    const names = toolNames(
      settings.prefix ?? own,
      selected.map(({ name }) => name),
    );
    const service = { base: baseOf(document, settings), auth: settings.auth };
    const version = document.resolved(document.root["info"])["version"];
    const around = { service, version: typeof version === "string" ? version : "" };
    return new Map(
      selected.map((operation): [string, Tool] => {
        const name = names.get(operation.name) ?? operation.name;
        return [name, this.toolOf(operation, name, around)];
      }),
    );
  }

  private toolOf(
    operation: Operation,
    name: string,
    { service, version }: { service: Service; version: string },
  ): Tool {
    const { method, path, description, inputSchema, outputSchema } = operation;
    const { sideEffects: said = {}, timeout } = this.settings;
    const sideEffects = said[operation.name] ?? (READS.has(method) ? "read" : "write");
    const timeoutMs = timeout === undefined ? undefined : parseDuration(timeout);
    return schemaTool({
      ...{ name, source: this.source, sourceVersion: version, theirName: `${method} ${path}` },
      ...{
        description: description === "" ? `${method} ${path}` : description,
        inputSchema,
        outputSchema,
        sideEffects,
      },
      idempotent: sideEffects === "read" || REPEATABLE.has(method),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      run: (args, context) => callOperation(operation, args, { ...service, context }),
    });
  }
}

/** Where the service is: as configured, else as the document says, relative to where the document is. */
function baseOf(document: ApiDocument, { server, document: place }: OpenApiSettings): string {
  const servers = document.root["servers"];
  const [first] = servers !== undefined && isJsonList(servers) ? servers : [];
  const said = server ?? document.resolved(first)["url"];
  const from = /^https?:/.test(place) ? place : pathToFileURL(place).href;
  const url = URL.parse(typeof said === "string" ? said : "/", from);
  if (url?.protocol.startsWith("http") !== true) {
    const message = `${place} does not say at which address the service is; name it as \`server\``;
    throw new ToolFailure("validation", message, { code: "document-unusable" });
  }
  return url.href.replace(/\/$/, "");
}

/** The address of a document is the word of who configured it, wherever it leads. */
function reading(signal: AbortSignal, clock: Clock): ToolContext {
  const nothing = (): void => undefined;
  const secret = (): Promise<string> => Promise.reject(new ToolFailure("permission", "a document has no secrets"));
  const roots = { fs: "/", allowPrivateNetwork: true };
  return { signal, clock, roots, secret, idempotencyKey: "", progress: nothing, log: nothing };
}
