/**
 * Resources that tasks need besides a worker.
 *
 * @module
 */

import { printsAs } from "../core/inspect.ts";
import { checkAmounts } from "./engine/need.ts";
import { ResourceTable } from "./engine/resource_table.ts";

/** Returns the state of resources. */
export let tableOf: (resources: Resources) => ResourceTable;

/**
 * Counts of scarce things that tasks share: graphics cards, memory, licences. A task of a pool with `resources` that is
 * submitted through `with({ resources: { gpu: 1 } })` starts when all it needs is free, and holds it until it has
 * ended, however it ends.
 *
 * One object serves any number of pools of one loop; it is no argument of tasks. Names are the caller's own, amounts
 * are integers.
 *
 * **Order.** A task takes all it needs at once, at its start. While the first task in line waits, what is freed of its
 * kinds is kept for it, so that it does not starve; tasks that need none of them overtake it. The first in line is the
 * one of the highest priority, then the one that was tried first. Tasks of different pools have one line; a paused pool
 * has no part in it. **Cancellation.** A task that is cancelled or aborted while it waits leaves the line. A running
 * one that is aborted holds what it has until it has ended or its worker was replaced. A retry gives it back during the
 * delay, a lost worker when it counts as lost. **Cost.** O(1) for tasks that need nothing; otherwise linear in the
 * number of different needs that wait.
 *
 * A chunk of a `map` counts as one task, as its items run one after another. `callSync` takes resources that are free
 * at the call, before waiting tasks, and releases them when it returns or throws. A task that waits for another task
 * which needs the same resources may deadlock: submit that task before, or without `resources`.
 *
 * @example One task at a time uses the graphics card
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inline, InlineExecutor, Resources } from "@heddle/heddle";
 *
 * const resources = new Resources({ gpu: 1, memoryMb: 8_000 });
 * const pool = new InlineExecutor({ maxWorkers: 4, resources });
 * let running = 0, most = 0;
 * const render = inline(async () => {
 *   most = Math.max(most, ++running);
 *   await Promise.resolve();
 *   running--;
 * });
 * const gpu = pool.with({ resources: { gpu: 1, memoryMb: 2_000 } });
 * await Promise.all([gpu.submit(render), gpu.submit(render), gpu.submit(render)]);
 * assertEquals([most, resources.available("gpu")], [1, 1]);
 * await pool.shutdown();
 * ```
 */
export class Resources {
  readonly #table: ResourceTable;

  static {
    tableOf = (resources) => resources.#table;
    printsAs(this, "Resources", (resources) => resources.#table.free);
  }

  /**
   * Makes resources, all of them free.
   *
   * @param capacities how much there is of each.
   * @throws {TypeError | RangeError} if it is not an object of integers from 0.
   */
  constructor(capacities: Record<string, number>) {
    this.#table = new ResourceTable(checkAmounts("Cannot make resources as 'capacities'", capacities));
  }

  /**
   * Returns the free amount of a resource.
   *
   * @throws {TypeError} if there is no such resource.
   */
  available(name: string): number {
    return this.#table.available("Cannot tell what is available as 'resources'", name);
  }
}
