/**
 * Makes option objects for the host's functions.
 *
 * @module
 */

/** Copies options into an object without a prototype, so that a polluted `Object.prototype` does not affect workers. */
export function bare<T extends object>(options: T): T {
  return Object.assign(Object.create(null), options);
}
