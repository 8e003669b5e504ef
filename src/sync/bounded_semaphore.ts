/**
 * A semaphore that reports excess releases.
 *
 * @module
 */

import { printsAs } from "../core/inspect.ts";
import { travels } from "./memory.ts";
import { limitTo, memoryOf, Semaphore, SHAPE } from "./semaphore.ts";

/**
 * A semaphore whose free permits cannot exceed its initial value. A release beyond that value is a `RangeError`.
 *
 * @example Detect one release too many
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

  /** Creates a semaphore with `value` free permits, which is also the maximum. */
  constructor(value = 1) {
    super(value);
    limitTo(this, value);
  }
}
