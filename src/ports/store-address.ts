const SERVER = /^(?:esdb|kurrentdb)(?:\+discover)?:\/\//;

/** Whether what names a store is the URL of a server, and not a folder. */
export function isStoreAddress(store: string): boolean {
  return SERVER.test(store);
}
