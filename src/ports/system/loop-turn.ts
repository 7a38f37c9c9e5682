/** Resolves when the event loop has gone round once: what the system had ready to be read or accepted has been. */
export function loopTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
