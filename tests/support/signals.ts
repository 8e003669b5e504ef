// Creates abort signals that count their listeners.

/** Returns a signal, and a function that returns the number of its listeners. */
export function countingSignal(): { controller: AbortController; signal: AbortSignal; listeners: () => number } {
  const controller = new AbortController();
  const { signal } = controller;
  let count = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  const known = new Set<unknown>();
  Object.defineProperties(signal, {
    addEventListener: {
      value: (type: string, listener: EventListener, options?: AddEventListenerOptions) => {
        if (type === "abort" && !known.has(listener)) {
          known.add(listener);
          count++;
        }
        add(type, listener, options);
      },
    },
    removeEventListener: {
      value: (type: string, listener: EventListener) => {
        if (type === "abort" && known.delete(listener)) count--;
        remove(type, listener);
      },
    },
  });
  // A signal that has fired has no listeners left: all of them are registered with `once`.
  add("abort", () => {
    known.clear();
    count = 0;
  });
  return { controller, signal, listeners: () => count };
}
