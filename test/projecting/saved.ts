// What is saved of views, and what would be if all of them were built in one go.
import type { Json } from "#events/json.ts";
import { SILENT } from "#src/ports/log.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import type { ViewFamily } from "#src/projecting/current-views.ts";
import { Projector } from "#src/projecting/projector.ts";
import type { MemoryStore } from "#src/store/memory/open.ts";

/** Everything that is saved of views, memory included. */
export function saved({ contents }: Pick<MemoryStore, "contents">): Json {
  return [...contents.views.values()]
    .map(({ view, checkpoint, documents }) => ({
      view: { ...view },
      checkpoint,
      documents: [...documents]
        .map(([key, { tag, rank, document }]) => [key, tag, rank, JSON.parse(document) as Json] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    }))
    .sort((a, b) => (a.view.name < b.view.name ? -1 : 1));
}

type Store = Pick<MemoryStore, "contents" | "events" | "views">;

export async function builtAnew(store: Store, families: readonly ViewFamily[]): Promise<Json> {
  store.contents.views.clear();
  const { events, views } = store;
  await new Projector({ events, views, clock: systemClock, log: SILENT, families }).catchUp();
  return saved(store);
}
