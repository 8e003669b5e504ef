/**
 * Stands in for `jsr:@std/async` where the JSR registry is out of reach: the functions we call, with the same names,
 * arguments and meaning. Linked for development only and never published; `deno task test:jsr` runs the tests on the
 * real package.
 *
 * @module
 */

export { abortable } from "./abortable.ts";
export { deadline, type DeadlineOptions } from "./deadline.ts";
export { delay, type DelayOptions } from "./delay.ts";
export { pooledMap } from "./pooled_map.ts";
export { retry, RetryError, type RetryOptions } from "./retry.ts";
