import type { PreparedDefinition, PreparedDefinitions } from "#machines/prepared.ts";

// Definitions prepared by earlier plans of this process. Programs start the same plan again and again, and decoding,
// graph and templates were a tenth of a short plan's cost; the oldest go when the steps kept pass a limit.

const MAX_KEPT_STEPS = 50_000;

export class RecentDefinitions implements PreparedDefinitions {
  private readonly kept = new Map<string, PreparedDefinition>();
  private steps = 0;

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
