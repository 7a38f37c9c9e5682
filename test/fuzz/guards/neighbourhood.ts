// The folder beside the one that cases may write in: files that nobody is to read, change, remove or add to.
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Place } from "../target.ts";

const SECRET = "secret.txt";

export class Neighbourhood implements Disposable {
  readonly place: Place;
  private readonly parent: string;
  private readonly before: string;

  /** `name` tells lanes apart; the marker is the same in every run. */
  constructor(name: string) {
    this.parent = realpathSync(mkdtempSync(path.join(tmpdir(), "planwright-fuzz-")));
    const folder = path.join(this.parent, "case");
    const outside = path.join(this.parent, "outside");
    const marker = `nobody-reads-this-${name}`;
    mkdirSync(folder);
    mkdirSync(outside);
    writeFileSync(path.join(outside, SECRET), `token: ${marker}\n`);
    writeFileSync(path.join(outside, "empty"), "");
    // Ways out that a path may take without a single dot.
    symlinkSync(outside, path.join(folder, "way-out"));
    symlinkSync(path.join(outside, SECRET), path.join(folder, "link.txt"));
    this.place = { folder, forbidden: `../outside/${SECRET}`, marker };
    this.before = this.listed();
  }

  /** What has changed beside the folder. */
  check(): string | undefined {
    const now = this.listed();
    return now === this.before ? undefined : `files beside the folder changed: ${this.before} became ${now}`;
  }

  [Symbol.dispose](): void {
    rmSync(this.parent, { recursive: true, force: true });
  }

  private listed(): string {
    const outside = path.join(this.parent, "outside");
    const files = readdirSync(outside).sort();
    const told = files.map((file) => {
      const found = lstatSync(path.join(outside, file));
      return `${file} ${found.isFile() ? readFileSync(path.join(outside, file), "utf8") : "no file"} ${found.mode}`;
    });
    return JSON.stringify([readdirSync(this.parent).sort(), told]);
  }
}
