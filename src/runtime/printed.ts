/**
 * Records whether a worker process has printed.
 *
 * Output and results travel through different pipes, and the pool may read the results first. A worker that has printed
 * reports this before its next result, so that the pool can forward the output before it settles the task.
 *
 * @module
 */

let printed = false;

/** Records that this process has printed. */
export function notePrinted(): void {
  printed = true;
}

/** Whether this process has printed since the last call. */
export function takePrinted(): boolean {
  const before = printed;
  printed = false;
  return before;
}

/** The methods of a console that print. */
export const PRINTING: readonly string[] = [
  ...[
    "assert",
    "count",
    "debug",
    "dir",
    "dirxml",
    "error",
    "group",
    "groupCollapsed",
    "info",
    "log",
    "table",
    "timeEnd",
  ],
  ...["timeLog", "trace", "warn", "write"],
];

/** Watches the console where the host implements it without `process.stdout`. */
export function watchConsole(): void {
  watchPrinting(console, PRINTING);
}

/** Makes methods of an object record that this process prints. */
export function watchPrinting(target: object, names: readonly string[]): void {
  const object = target as Record<string, unknown>;
  for (const name of names) {
    const original = object[name];
    if (typeof original !== "function") continue;
    const watched = function (this: unknown, ...args: unknown[]): unknown {
      printed = true;
      return original.apply(this, args);
    };
    Object.defineProperty(watched, "name", { value: original.name, configurable: true });
    try {
      object[name] = watched;
    } catch {
      // The method cannot be replaced: its output may appear after the result.
    }
  }
}
