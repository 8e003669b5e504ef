/**
 * Imports modules whose URLs are known only at run time.
 *
 * @module
 */

/**
 * Imports a module by its URL.
 *
 * The comments keep bundlers from resolving the import: webpack would replace it with a function that finds no module.
 */
export function importModule(url: string): Promise<Record<string, unknown>> {
  return import(/* webpackIgnore: true */ /* @vite-ignore */ url);
}
