/**
 * A semaphore that reports excess releases.
 *
 * @module
 */

import { printsAs } from "../core/inspect.ts";
import { travels } from "./memory.ts";
import { makeBounded, memoryOf, Semaphore, SHAPE } from "./semaphore.ts";

/**
 * A semaphore whose free permits cannot exceed its initial value, or the value of its last resize. A release beyond that
 * value is a `RangeError`.
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
    travels<BoundedSemaphore, null>(
      this,
      "BoundedSemaphore",
      import.meta.url,
      memoryOf,
      () => new BoundedSemaphore(),
      SHAPE,
    );
    printsAs(this, "BoundedSemaphore", ["available"]);
  }

  /** Creates a semaphore with `value` free permits, which is also the maximum unless the semaphore is resized. */
  constructor(value = 1) {
    super(value);
    makeBounded(this);
  }
}
