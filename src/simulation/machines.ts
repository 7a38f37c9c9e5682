import type { BlobDisk } from "#src/simulation/blob-disk.ts";
import type { FaultRates } from "#src/simulation/fault-rates.ts";
import type { Labour } from "#src/simulation/labour.ts";
import { Process } from "#src/simulation/process.ts";
import type { World } from "#src/simulation/world.ts";

// The machines that processes run on, and what happens to those beside what their processes do: they stand still, are cut off,
// their clocks are wrong, and the disk that they share is damaged or full.

/** Longest time that a process stands still: longer than a lease. */
const MAX_STANDSTILL_MS = 20_000;
/** Longest time that it reaches nobody. */
const MAX_CUT_OFF_MS = 15_000;
const MAX_FULL_DISK_MS = 8_000;
const TROUBLE_EVERY_MS = 1_000;

export interface MachinesOptions {
  readonly world: World;
  readonly rates: FaultRates;
  readonly disk: BlobDisk;
}

export class Machines {
  /** Whether nothing can be written just now. */
  isFull = false;
  private readonly options: MachinesOptions;
  /** The last process of each, by its name. */
  private readonly processes = new Map<string, Process>();

  constructor(options: MachinesOptions) {
    this.options = options;
    this.troubleLater();
  }

  /** A new process; the machine keeps its clock. */
  begin(name: string, labour?: Labour): Process {
    const { world, rates } = this.options;
    const speed = 1 + rates.drift * (2 * world.random.next() - 1);
    const process = labour?.process(name, speed) ?? new Process(name, speed);
    const before = this.processes.get(name);
    if (before === undefined) this.setClock(process);
    else process.wallErrorMs = before.wallErrorMs;
    this.processes.set(name, process);
    return process;
  }

  /** Clocks are right, and the disk has room and is as it was written. */
  becomeCalm(): void {
    this.isFull = false;
    for (const process of this.processes.values()) process.wallErrorMs = 0;
    this.options.disk.restore();
  }

  private troubleLater(): void {
    this.options.world.schedule(TROUBLE_EVERY_MS, () => this.trouble(), { background: true });
  }

  private trouble(): void {
    const { world, rates, disk } = this.options;
    const { random } = world;
    if (random.chance(rates.damage)) disk.damage();
    if (random.chance(rates.fullDisk)) this.fillDisk();
    for (const process of this.processes.values()) {
      if (random.chance(rates.standstill)) world.halt(process, random.next() * MAX_STANDSTILL_MS);
      if (random.chance(rates.cutOff)) world.cutOff(process, random.next() * MAX_CUT_OFF_MS);
      if (random.chance(rates.clockJump)) this.setClock(process);
    }
    this.troubleLater();
  }

  private fillDisk(): void {
    const { world } = this.options;
    if (this.isFull) return;
    world.note("the disk is full");
    this.isFull = true;
    world.schedule(world.random.next() * MAX_FULL_DISK_MS, () => (this.isFull = false));
  }

  private setClock(process: Process): void {
    const { world, rates } = this.options;
    if (rates.maxSkewMs === 0) return;
    process.wallErrorMs = world.random.int(-rates.maxSkewMs, rates.maxSkewMs);
    world.note(`the clock of ${process.name} is ${process.wallErrorMs} ms wrong`);
  }
}
