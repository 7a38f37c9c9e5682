import { globSync } from "node:fs";
import { relative } from "node:path";
import { performance } from "node:perf_hooks";
import process from "node:process";
import type { CoverageData, StrykerOptions } from "@stryker-mutator/api/core";
import { commonTokens, tokens } from "@stryker-mutator/api/plugin";
import {
  determineHitLimitReached,
  DryRunStatus,
  MutantRunStatus,
  TestStatus,
  type DryRunResult,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
} from "@stryker-mutator/api/test-runner";
import { CompiledTexts } from "./compiled-texts.ts";
import { clearCoverage, instrumentation, reachedWithin, together } from "./coverage.ts";
import { FAST_CHECK, FreshModules } from "./fresh-modules.ts";
import { collect, type CollectedTest } from "./suite.ts";
import { TestOrder } from "./test-order.ts";

// Runs the killing suite in one process that stays: the border between StrykerJS, which makes mutants and keeps the account, and
// tests that were written for vitest. A mutant that is reached by tests needs their files anew and nothing else; one that is
// reached while the sources load (a schema, a table) needs the sources anew as well.
//
// W1. No module of the sources that stays has ever been evaluated while a mutant was active.
// W2. Every mutant sees test files, and what they make while they load, that no mutant has seen before.
// W3. What only loading reaches is tried by every test whose file reaches the source through imports.

/** Where the options of a run say what to run: paths in the project, as globs. */
export interface SuiteOptions {
  readonly killingSuite: {
    readonly include: readonly string[];
    readonly exclude: readonly string[];
    /** Tests are asked, the quickest first, until they would have taken so long without the mutant. */
    readonly budgetMs: number;
  };
}

interface FailedTest {
  readonly id: string;
  readonly message: string;
}

/** A test that takes longer (with the sources as they are) is asked about no mutant: the many that nothing kills would all pay for it. */
const SLOW_MS = 250;

const RECENT_TEXTS = "machines/expressions/recent-texts.ts";
const SOURCES_OF_SUITE = {
  vitest: new URL("suite.ts", import.meta.url).href,
  "fast-check": FAST_CHECK,
};

export class WarmRunner implements TestRunner {
  private readonly modules: FreshModules;
  private readonly texts = new CompiledTexts();
  private readonly order = new TestOrder();
  private readonly files: readonly string[];
  private readonly namesIn = new Map<string, readonly string[]>();
  private readonly budgetMs: number;
  private generations = 0;

  static readonly open = Object.assign((options: StrykerOptions) => new WarmRunner(options), {
    inject: tokens(commonTokens.options),
  });

  constructor(options: StrykerOptions) {
    const { include, exclude, budgetMs } = (options as StrykerOptions & SuiteOptions).killingSuite;
    this.budgetMs = budgetMs;
    this.files = globSync([...include], { exclude: [...exclude] }).sort();
    this.modules = new FreshModules(process.cwd(), SOURCES_OF_SUITE);
  }

  capabilities(): { readonly reloadEnvironment: boolean } {
    return { reloadEnvironment: true };
  }

  /** Evaluates every source once, with no mutant active. */
  async init(): Promise<void> {
    // A rejection that nobody awaits is no reason to lose the process: what it breaks shows in the tests.
    process.on("unhandledRejection", () => undefined);
    this.modules.install();
    this.order.load();
    instrumentation().activeMutant = undefined;
    const { RecentTexts } = (await this.modules.import(RECENT_TEXTS)) as { RecentTexts: never };
    this.texts.watch(RecentTexts);
    for (const file of this.files) {
      const tests = await this.load(file);
      this.namesIn.set(
        file,
        tests.map(({ name }) => name),
      );
    }
  }

  async dryRun(): Promise<DryRunResult> {
    const atLoad = await this.reachedByLoading();
    const tests: TestResult[] = [];
    const reached = new Map<string, CoverageData>();
    for (const file of this.files) await this.tryFile(file, tests, reached);
    const quick = tests.filter(({ timeSpentMs }) => timeSpentMs <= SLOW_MS);
    const perTest = Object.fromEntries(quick.map(({ id }) => [id, reached.get(id) ?? {}]));
    this.order.keep(Object.fromEntries(tests.map(({ id, timeSpentMs }) => [id, timeSpentMs])));
    return { status: DryRunStatus.Complete, tests, mutantCoverage: { static: atLoad, perTest } };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, hitLimit, testFilter, sandboxFileName, mutantActivation } = options;
    const source = relative(process.cwd(), sandboxFileName);
    const ids = testFilter ?? this.idsReaching(source);
    this.generations++;
    this.modules.generation.tests = this.generations;
    this.modules.generation.sources = mutantActivation === "static" ? this.generations : 0;
    clearCoverage();
    Object.assign(instrumentation(), { activeMutant: activeMutant.id, hitCount: 0, hitLimit });
    try {
      const order = this.order.of(source, ids, this.budgetMs);
      const failed = await this.firstFailure(order);
      const exhausted = determineHitLimitReached(instrumentation().hitCount, hitLimit);
      if (exhausted !== undefined) return { status: MutantRunStatus.Timeout };
      if (failed === undefined) return { status: MutantRunStatus.Survived, nrOfTests: order.length };
      this.order.killed(source, failed.id);
      const { id, message } = failed;
      return { status: MutantRunStatus.Killed, killedBy: [id], failureMessage: message, nrOfTests: order.length };
    } finally {
      Object.assign(instrumentation(), { activeMutant: undefined, hitCount: undefined, hitLimit: undefined });
      this.modules.generation.sources = 0;
    }
  }

  private async firstFailure(ids: readonly string[]): Promise<FailedTest | undefined> {
    const loaded = new Map<string, ReadonlyMap<string, CollectedTest>>();
    for (const id of ids) {
      const file = fileOf(id);
      try {
        const tests = loaded.get(file) ?? new Map((await this.load(file)).map((test) => [idOf(file, test.name), test]));
        loaded.set(file, tests);
        const test = tests.get(id);
        if (test === undefined) return { id, message: "the test is not declared any more" };
        this.texts.beginTest();
        await test.run();
      } catch (error) {
        return { id, message: messageOf(error) };
      }
    }
    return undefined;
  }

  private load(file: string): Promise<readonly CollectedTest[]> {
    return collect(() => this.modules.import(file));
  }

  private idsReaching(source: string): readonly string[] {
    return this.files
      .filter((file) => this.modules.reachedFrom(file).has(source))
      .flatMap((file) => (this.namesIn.get(file) ?? []).map((name) => idOf(file, name)))
      .filter((id) => !this.order.isSlow(id, SLOW_MS));
  }

  private async reachedByLoading(): Promise<CoverageData> {
    const sources = new Set(this.files.flatMap((file) => [...this.modules.reachedFrom(file)]));
    this.modules.generation.sources = ++this.generations;
    const reached = await reachedWithin(async () => {
      for (const source of sources)
        if (!source.startsWith("test/") && source.endsWith(".ts")) await this.modules.import(source);
    });
    this.modules.generation.sources = 0;
    return reached;
  }

  private async tryFile(file: string, results: TestResult[], reached: Map<string, CoverageData>): Promise<void> {
    this.modules.generation.tests = ++this.generations;
    let tests: readonly CollectedTest[] = [];
    this.texts.beginTest();
    const byLoading = await reachedWithin(async () => {
      tests = await this.load(file);
    });
    for (const { name, run } of tests) {
      const id = idOf(file, name);
      this.texts.beginTest();
      const startedAt = performance.now();
      let failure: unknown;
      const byTest = await reachedWithin(async () => {
        failure = await Promise.resolve()
          .then(run)
          .then(() => undefined, messageOf);
      });
      reached.set(id, together(byTest, byLoading));
      const spent = { id, name, fileName: file, timeSpentMs: performance.now() - startedAt };
      results.push(
        typeof failure === "string"
          ? { ...spent, status: TestStatus.Failed, failureMessage: failure }
          : { ...spent, status: TestStatus.Success },
      );
    }
  }
}

function idOf(file: string, name: string): string {
  return `${file}#${name}`;
}

function fileOf(id: string): string {
  return id.slice(0, id.indexOf("#"));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
