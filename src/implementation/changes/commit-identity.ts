import { lineOf, type Repository } from "./repository.ts";

// Whose name is on the commits: the user's where git knows it, else this program's.

interface Identity {
  readonly name: string;
  readonly email: string;
}

const OWN: Identity = { name: "Planwright", email: "planwright@localhost" };

/** Environment in which git needs to guess nothing; with a date commits are the same however often they are made. */
export async function identityOf(
  { git }: Pick<Repository, "git">,
  date: string,
  author?: Identity,
): Promise<Readonly<Record<string, string>>> {
  const name = lineOf(await git(["config", "--get", "user.name"], { accepts: [0, 1] }));
  const email = lineOf(await git(["config", "--get", "user.email"], { accepts: [0, 1] }));
  const user = name === "" || email === "" ? OWN : { name, email };
  return environmentOf(author ?? user, user, date);
}

/** Of commits that nobody sees: the same for everybody. */
export const NOBODY: Readonly<Record<string, string>> = environmentOf(OWN, OWN, "2000-01-01T00:00:00Z");

function environmentOf(author: Identity, committer: Identity, date: string): Readonly<Record<string, string>> {
  return {
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: committer.name,
    GIT_COMMITTER_EMAIL: committer.email,
    GIT_COMMITTER_DATE: date,
  };
}
