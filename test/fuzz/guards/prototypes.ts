// The objects that every program shares. A key that somebody brought must never become a property of one of them.

const SHARED: Readonly<Record<string, object>> = {
  "Object.prototype": Object.prototype,
  Object,
  "Array.prototype": Array.prototype,
  Array,
  "String.prototype": String.prototype,
  "Number.prototype": Number.prototype,
  "Boolean.prototype": Boolean.prototype,
  "Function.prototype": Function.prototype,
  "RegExp.prototype": RegExp.prototype,
  "Error.prototype": Error.prototype,
  "Promise.prototype": Promise.prototype,
  "Map.prototype": Map.prototype,
  "Set.prototype": Set.prototype,
  "Date.prototype": Date.prototype,
  "Symbol.prototype": Symbol.prototype,
  "Uint8Array.prototype": Uint8Array.prototype,
  JSON,
  Reflect,
};

export class PrototypeGuard {
  private readonly before = new Map(
    Object.entries(SHARED).map(([name, shared]) => [name, { shared, descriptors: descriptorsOf(shared) }]),
  );

  /** What has changed since, named; and puts it back. */
  check(): string | undefined {
    for (const [name, { shared, descriptors }] of this.before) {
      const changed = changedKey(shared, descriptors);
      if (changed === undefined) continue;
      restore(shared, changed, descriptors);
      return `${name} has got another ${String(changed)}`;
    }
    return undefined;
  }
}

type Descriptors = ReadonlyMap<PropertyKey, PropertyDescriptor>;

function descriptorsOf(shared: object): Descriptors {
  return new Map(Reflect.ownKeys(shared).map((key) => [key, Reflect.getOwnPropertyDescriptor(shared, key) ?? {}]));
}

function changedKey(shared: object, before: Descriptors): PropertyKey | undefined {
  const keys = Reflect.ownKeys(shared);
  const added = keys.find((key) => !before.has(key));
  if (added !== undefined) return added;
  for (const [key, known] of before) {
    const now = Reflect.getOwnPropertyDescriptor(shared, key);
    if (now === undefined || now.value !== known.value || now.get !== known.get || now.set !== known.set) return key;
  }
  return undefined;
}

function restore(shared: object, key: PropertyKey, before: Descriptors): void {
  const known = before.get(key);
  if (known === undefined) Reflect.deleteProperty(shared, key);
  else Reflect.defineProperty(shared, key, known);
}
