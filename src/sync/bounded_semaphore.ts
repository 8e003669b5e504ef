/**
 * A semaphore that notices when more is released than there ever was.
 *
 * @module
 */

import { printsAs } from "../core/inspect.ts";
import { travels } from "./memory.ts";
import { limitTo, memoryOf, Semaphore, SHAPE } from "./semaphore.ts";

/**
 * A semaphore whose permits cannot exceed what it started with: releasing too often is a mistake that it reports.
 *
 * @example A release too many
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { BoundedSemaphore } from "@heddle/heddle/sync";
 *
 * const semaphore = new BoundedSemaphore(2);
 * const permit = await semaphore.acquire();
 * permit.release();
 * assertThrows(() => semaphore.release(), RangeError);
 * assertEquals(semaphore.available, 2);
 * ```
 */
export class BoundedSemaphore extends Semaphore {
  static {
    travels<BoundedSemaphore, number>(
      this,
      "BoundedSemaphore",
      import.meta.url,
      memoryOf,
      (value) => new BoundedSemaphore(value),
      SHAPE,
    );
    printsAs(this, "BoundedSemaphore", ["available"]);
  }

  /** Makes a semaphore with `value` permits, all of them free, and never more. */
  constructor(value = 1) {
    super(value);
    limitTo(this, value);
  }
}
