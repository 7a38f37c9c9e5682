// Many small operations of the file system, a bounded number of them at once.

/** More do not make a disk faster. */
const AT_ONCE = 16;

/** The first failure ends it, after what was under way then. */
export async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  let failure: { readonly error: unknown } | undefined;
  const one = async (): Promise<void> => {
    for (const item of waiting) {
      if (failure !== undefined) return;
      await work(item).catch((error: unknown) => {
        failure ??= { error };
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, one));
  if (failure !== undefined) throw failure.error;
}
