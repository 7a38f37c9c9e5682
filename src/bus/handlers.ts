/** Whoever registers later takes the place, and is not removed by who had it before. */
export function registered<K, H>(handlers: Map<K, H>, key: K, handler: H): Disposable {
  handlers.set(key, handler);
  return { [Symbol.dispose]: () => handlers.get(key) === handler && handlers.delete(key) };
}
