/**
 * Detects whether this library is part of a bundle.
 *
 * @module
 */

/**
 * Whether a bundler has merged this library into a file with other code: then the URL of this module is not its own.
 */
export const BUNDLED: boolean = !/\/src\/core\/bundled\.[jt]s$/.test(import.meta.url);
