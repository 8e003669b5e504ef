/**
 * Modules that are found while the program runs.
 *
 * @module
 */

/**
 * Imports a module by its address.
 *
 * The comments keep bundlers from taking the import for one of the program's own modules: webpack would put a function in its
 * place that finds nothing.
 */
export function importModule(url: string): Promise<Record<string, unknown>> {
  return import(/* webpackIgnore: true */ /* @vite-ignore */ url);
}
