/**
 * The first module of a worker.
 *
 * @module
 */

/** A module in a URL: it needs no file and no permission, and works in compiled programs. */
export function dataModule(source: string): string {
  return "data:text/javascript," + encodeURIComponent(source);
}

/**
 * The source of a worker's first module. It says that this is a worker, imports the entry and calls its function.
 *
 * In a program that is bundled into one file the entry is the bundle, which exports no such function: the library in it has
 * put it where the worker's first module looks first. The main program in the bundle may fail; the library then tells the pool.
 *
 * @param hello what the function is called with.
 * @param program what the adapter needs to know of the program where this worker starts workers of its own.
 */
export function bootstrap(
  entry: string,
  start: "serveThread" | "serveProcess",
  hello?: unknown,
  program?: unknown,
): string {
  const scope = JSON.stringify({ start, hello, program, loading: true });
  return `const scope = globalThis[Symbol.for("heddle.worker")] = ${scope}; ` +
    `import(${JSON.stringify(entry)}).then((module) => (scope.${start} ?? module.${start})(scope.hello), ` +
    `(error) => { if (scope.refuse === undefined) throw error; scope.refuse(error); });`;
}
