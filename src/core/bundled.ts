/**
 * Whether this library is part of a bundle.
 *
 * @module
 */

/** Whether a bundler has put this library into a file with other code: this module then has another address than its own. */
export const BUNDLED: boolean = !/\/src\/core\/bundled\.[jt]s$/.test(import.meta.url);
