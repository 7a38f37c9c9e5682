import type { PlanId } from "#events/ids.ts";
import type { Admissions } from "#src/api/admissions.ts";
import { workshopOf } from "#src/compose.ts";
import { engineGrants, grantsOf, readGrants, recordGrants, type GrantFlags, type Grants } from "#src/cli/grants.ts";
import { knownTools } from "#src/cli/known-tools.ts";
import type { ModelRecorder } from "#src/model/recording.ts";
import type { Workshop } from "#src/executor/attempt.ts";
import type { ToolSource } from "#src/tools/registry.ts";

// Plans that go on in this process get what they were started with, whoever started them: tool modules are loaded when
// the first plan needs them. A plan that is started here gets what this process was given.

export interface AdmissionOptions {
  /** The store's folder. */
  readonly directory: string;
  /** What this process gives to plans that it starts. */
  readonly grants: Grants;
  /** Typed options, which win over what a plan was started with. */
  readonly flags: GrantFlags;
  /** Of tools outside: those of this process, whatever a plan was started with. */
  readonly sources?: readonly ToolSource[];
  /** Keeps what is said to models in planning. */
  readonly recorder?: ModelRecorder | undefined;
}

export function grantAdmissions({ directory, grants, flags, sources = [], recorder }: AdmissionOptions): Admissions {
  const workshops = new Map<string, Promise<Workshop>>();
  return {
    begin: (plan) => recordGrants(directory, plan, grants),
    recall: (plan) => {
      const recorded = recalled(directory, plan, flags);
      if (recorded === undefined) return Promise.resolve(undefined);
      const key = JSON.stringify({ ...recorded, slots: undefined });
      const workshop = workshops.get(key) ?? opened(recorded, { sources, recorder });
      workshops.set(key, workshop);
      // A module that failed once may be mended before the next try.
      workshop.catch(() => workshops.delete(key));
      return workshop;
    },
  };
}

function recalled(directory: string, plan: PlanId, flags: GrantFlags): Grants | undefined {
  const recorded = readGrants(directory, plan);
  return recorded === undefined ? undefined : grantsOf(flags, recorded);
}

async function opened(
  grants: Grants,
  outside: { readonly sources: readonly ToolSource[]; readonly recorder: ModelRecorder | undefined },
): Promise<Workshop> {
  return workshopOf({
    ...engineGrants(grants),
    tools: await knownTools(grants.tools, grants.declared, { ...outside, directory: grants.root }),
  });
}
