import { toolRegistry } from "#src/all-tools.ts";
import { requirementsFile, type RequirementsFile } from "#src/implementation/requirements/requirement.ts";
import { against, median, type Metric } from "../metric.ts";
import { called } from "./tool-context.ts";

// How long many gaps take to become a plan of changes, beside what their text takes to be read: no language model is asked, and the plan
// is checked as every plan is. The first one of a process also loads and compiles what plans; it is told by itself.

const GAPS = 500;
const TIMES = 10;
/** Until what plans is compiled: the median of all would be that of a plan in between. */
const WARMING = 3;
const DIRECTORIES = 40;

/** Beside it the same plan, written as JSON and read again: what is done with it in any case. */
export async function planningMetrics(directory: string): Promise<readonly Metric[]> {
  const tools = toolRegistry();
  const file = requirements();
  const args = { assessment: assessmentOf(file), requirements: file, key: "bench" };
  const took: { readonly planned: number; readonly read: number }[] = [];
  for (let time = 0; time < TIMES; time++) {
    const before = performance.now();
    const output = await called(tools, "changes.draft", { args, root: directory });
    const planned = performance.now() - before;
    const written = performance.now();
    const text = JSON.stringify(output);
    JSON.parse(text);
    const read = performance.now() - written;
    if (text.split('"tool":"change.make"').length - 1 !== GAPS) throw new Error("not every gap became a change");
    took.push({ planned, read });
  }
  const metric = { suite: "implementation", metric: `planning_ms@${GAPS}`, unit: "ms" };
  const first = { ...metric, metric: `first_planning_ms@${GAPS}`, value: took[0]?.planned ?? 0 };
  const warm = took.slice(WARMING);
  const value = median(warm.map(({ planned }) => planned));
  return [first, against({ ...metric, value }, median(warm.map(({ read }) => read)))];
}

/** Each writes files of its own and one that some others write as well, and every fifth needs the one before. */
function requirements(): RequirementsFile {
  const capabilities = Array.from({ length: GAPS }, (_, at) => {
    const folder = `packages/p${at % DIRECTORIES}`;
    const own = `${folder}/own-${at}.ts`;
    return {
      id: `gap_${at}`,
      title: `what ${at} has to be able to do`,
      weight: 1 + (at % 7),
      needs: at % 5 === 4 ? [`gap_${at - 1}`] : [],
      check: { kind: "file", files: own },
      remedies: [
        {
          name: "write",
          actions: [
            { do: "write", path: own, text: `export const own = ${at};\n` },
            { do: "edit", path: `${folder}/shared-${at % 60}.ts`, find: "a", replace: "b" },
          ],
        },
        { name: "delete", actions: [{ do: "delete", path: `${folder}/old-${at}.ts` }] },
      ],
    };
  });
  const approvals = [{ name: "leads", when: "change.weight > 5", role: "lead" }];
  return requirementsFile.parse({ requirements: "bench", capabilities, approvals });
}

function assessmentOf({ requirements: name, capabilities }: RequirementsFile): unknown {
  const answerOf = (id: string) => ({
    requirement: id,
    verdict: "unmet",
    evidence: [{ text: "there is no such file" }],
    durationMs: 1,
    cached: false,
  });
  return {
    requirements: name,
    directory: ".",
    commit: null,
    answers: capabilities.map(({ id }) => answerOf(id)),
    gaps: capabilities.map((requirement, at) => ({
      requirement,
      answer: answerOf(requirement.id),
      score: capabilities.length - at,
      reasons: [],
      unblocks: [],
    })),
  };
}
