/**
 * Makes the first module of a worker.
 *
 * @module
 */

/**
 * Returns the URL of a module that contains its source: it needs no file and no permission, and works in compiled
 * programs.
 */
export function dataModule(source: string): string {
  return "data:text/javascript," + encodeURIComponent(source);
}

/**
 * Returns the source of a worker's first module. The module marks the global object, imports `entry` and calls its
 * function.
 *
 * In a program that is bundled into one file, `entry` is the bundle, which does not export the function. The library in
 * the bundle stores the function on the marked object, where the first module looks first. If the main program in the
 * bundle fails, the library reports the error to the pool.
 *
 * @param hello the argument of the function.
 * @param program data about the program that the adapter needs where this worker starts workers of its own.
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
