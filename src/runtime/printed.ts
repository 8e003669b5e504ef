/**
 * Whether a worker process has printed.
 *
 * Output and results travel through different pipes, and the pool may read the results first. A worker that has printed
 * says so ahead of its next result, so that the pool can pass on the output before it settles the task.
 *
 * @module
 */

let printed = false;

/** Notes that this process has printed. */
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
const PRINTING: readonly string[] = [
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

/** Watches the console where it is a part of the host, and does not write to `process.stdout`. */
export function watchConsole(): void {
  watchPrinting(console, PRINTING);
}

/** Has methods of an object note that this process prints. */
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
      // It cannot be replaced: what it prints may come after the result.
    }
  }
}
