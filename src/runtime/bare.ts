/**
 * Options for the host.
 *
 * @module
 */

/** Options without a prototype: what somebody put on `Object.prototype` is not for our workers. */
export function bare<T extends object>(options: T): T {
  return Object.assign(Object.create(null), options);
}
