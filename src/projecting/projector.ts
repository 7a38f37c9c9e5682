import { Fault } from "#events/fault.ts";
import type { EventStore } from "#src/ports/event-store.ts";
import type { Clock, Timer } from "#src/ports/clock.ts";
import type { Log } from "#src/ports/log.ts";
import type { ViewStore } from "#src/ports/view-store.ts";
import type { CurrentViews, ViewFamily } from "#src/projecting/current-views.ts";
import { RecentEvents } from "#src/projecting/recent-events.ts";
import { LogLooks } from "#src/projecting/log-looks.ts";
import { ViewedLog } from "#src/projecting/viewed-log.ts";
import type { ViewOverlay } from "#src/projecting/view-overlay.ts";
import { ViewProjection, type ViewProgress } from "#src/projecting/view-projection.ts";

// Keeps any number of views up to date, in the one process that may write them.
//
// J1. Views are kept from what this process appends, a few hundred events at a time; the log is read only for the rest. Where others
//     append as well, all of it is read: a piece now and then, once for all views (`LogLooks`), and the rest when somebody asks.
// J2. A view that is far behind (a new one, another version, one that was damaged) is built in small pieces with pauses,
//     so that plans go on meanwhile. Whoever asks for a view before it is there waits until it is.
// J3. Views are separate: one that is slow, damaged or being built holds up no other.
// J4. A disk without room holds up neither opening nor closing: what could not be saved is read from the log again. Nor does a
//     server that is away hold up closing: then nothing is read any more.

export interface ProjectorOptions {
  readonly events: EventStore;
  readonly views: ViewStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly families: readonly ViewFamily[];
}

/** Events of this process after which its views take them. */
const FOLLOW_EVERY_EVENTS = 512;
/** A view that is behind by more is built in pieces. */
const MAX_LAG_EVENTS = 4_096;
const PIECE_EVERY_MS = 100;
/** How often it is looked for what others have appended. */
const LOOK_EVERY_MS = 1_000;

export class Projector implements CurrentViews, AsyncDisposable {
  /** The store that was given; what is appended through this one reaches the views without being read again. */
  readonly events: EventStore;
  private readonly options: ProjectorOptions;
  private readonly projections: readonly ViewProjection[];
  private readonly looks: LogLooks;
  /** Undefined for a log to which others append as well. */
  private readonly recent: RecentEvents | undefined;
  private following: Promise<void> | undefined;
  private timer: Timer | undefined;
  private building: Promise<void> = Promise.resolve();
  private isClosed = false;

  constructor(options: ProjectorOptions) {
    const { events, views, log, families } = options;
    this.options = options;
    this.recent = events.isShared === true ? undefined : new RecentEvents((grown) => this.grown(grown));
    this.events = this.recent?.watched(events) ?? events;
    const viewed = new ViewedLog(events, this.recent);
    this.projections = families.map((family) => new ViewProjection(family, { events, views, viewed, log }));
    this.looks = new LogLooks({ events, viewed, log, projections: this.projections });
  }

  current(family: ViewFamily): Promise<ViewOverlay> {
    return this.projectionOf(family).current();
  }

  anew(family: ViewFamily): Promise<ViewOverlay> {
    return this.projectionOf(family).anew();
  }

  /** Brings views to the log's head and saves them. */
  async catchUp(families: readonly ViewFamily[] = this.options.families): Promise<void> {
    for (const family of families) {
      await this.projectionOf(family).current();
      await this.save(this.projectionOf(family));
    }
  }

  /** Builds what is behind, piece by piece, until it is closed. */
  start(): void {
    this.buildLater(PIECE_EVERY_MS);
  }

  /** How far each version of each view is. */
  async progress(): Promise<readonly ViewProgress[]> {
    return (await Promise.all(this.projections.map((projection) => projection.progress()))).flat();
  }

  /** Saves what is nearly up to date, which then is. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.isClosed = true;
    this.timer?.[Symbol.dispose]();
    await this.building;
    await this.following;
    const head = this.recent === undefined ? undefined : await this.options.events.head();
    for (const projection of this.projections) {
      if (head !== undefined) await projection.follow(head, MAX_LAG_EVENTS);
      await this.save(projection);
    }
  }

  private async save(projection: ViewProjection): Promise<void> {
    try {
      await projection.saveAll();
    } catch (error) {
      if (!(error instanceof Fault) || !error.retryable) throw error;
      this.options.log.warn("views are not saved", { view: projection.family[0].name, error });
    }
  }

  private projectionOf(family: ViewFamily): ViewProjection {
    const found = this.projections.find((projection) => projection.family === family);
    if (found === undefined) throw new TypeError(`the view ${family[0].name} is not kept here`);
    return found;
  }

  private grown(events: number): void {
    const { recent } = this;
    if (recent === undefined || events < FOLLOW_EVERY_EVENTS || this.following !== undefined || this.isClosed) return;
    this.following = this.follow(recent)
      .catch((error: unknown) => this.options.log.warn("views are behind", { error }))
      .finally(() => {
        this.following = undefined;
      });
  }

  private async follow(recent: RecentEvents): Promise<void> {
    const to = recent.last;
    let reached = to;
    for (const projection of this.projections) {
      const position = await projection.follow(to, MAX_LAG_EVENTS);
      reached = Math.min(reached, position);
    }
    recent.forget(reached);
    if (reached < to) this.buildLater(PIECE_EVERY_MS);
  }

  private buildLater(delayMs: number): void {
    if (this.isClosed || this.timer !== undefined) return;
    this.timer = this.options.clock.after(
      delayMs,
      () => {
        this.building = this.build().catch((error: unknown) => this.options.log.warn("views are behind", { error }));
      },
      { background: true },
    );
  }

  private async build(): Promise<void> {
    let isBehind = false;
    try {
      isBehind = await this.looks.look();
    } finally {
      this.timer = undefined;
      if (isBehind) this.buildLater(PIECE_EVERY_MS);
      else if (this.recent === undefined) this.buildLater(LOOK_EVERY_MS);
    }
  }
}
