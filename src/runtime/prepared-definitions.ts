import { contentHash } from "#events/canonical.ts";
import type { Json } from "#events/json.ts";
import type { PreparedDefinition, PreparedDefinitions } from "#machines/prepared.ts";

// Definitions prepared by earlier plans of this process. Programs start the same plan again and again, and decoding,
// graph and templates were a tenth of a short plan's cost, and so was the hash of its sorted text, which follows from the
// text as it is given; the oldest go when the steps or the texts kept pass a limit.

const MAX_KEPT_STEPS = 50_000;
const MAX_KEPT_CHARS = 4 * 1024 * 1024;

export class RecentDefinitions implements PreparedDefinitions {
  private readonly kept = new Map<string, PreparedDefinition>();
  private readonly hashes = new Map<string, string>();
  private steps = 0;
  private chars = 0;

  /** Characters of the texts whose hashes are known, for tests and metrics. */
  get keptChars(): number {
    return this.chars;
  }

  hashOf(source: Json): string {
    const text = JSON.stringify(source);
    const known = this.hashes.get(text);
    if (known !== undefined) return known;
    const hash = contentHash(source);
    this.hashes.set(text, hash);
    this.chars += text.length;
    for (const oldest of this.hashes.keys()) {
      if (this.chars <= MAX_KEPT_CHARS) break;
      this.hashes.delete(oldest);
      this.chars -= oldest.length;
    }
    return hash;
  }

  find(definitionHash: string): PreparedDefinition | undefined {
    return this.kept.get(definitionHash);
  }

  keep(definitionHash: string, prepared: PreparedDefinition): void {
    if (this.kept.has(definitionHash)) return;
    this.kept.set(definitionHash, prepared);
    this.steps += prepared.definition.steps.length;
    for (const [oldest, { definition }] of this.kept) {
      if (this.steps <= MAX_KEPT_STEPS) return;
      this.kept.delete(oldest);
      this.steps -= definition.steps.length;
    }
  }
}
