/**
 * A block of memory that several threads see.
 *
 * @module
 */

import { checkInteger, show } from "../core/check.ts";
import { printsAs } from "../core/inspect.ts";
import { checkOptions, type OptionNames, optionNames } from "../core/options.ts";
import { runtime } from "../runtime/mod.ts";
import { allocate } from "./elements.ts";
import { takeGiven, travelsBetweenThreads } from "./sharing.ts";

/** What else there is to say about a block. */
export interface SharedMemoryOptions {
  /** Its name; one is made up if this is left out. Nothing is found by it, and nobody looks whether it is taken. */
  name?: string;
}

const OPTIONS: OptionNames<SharedMemoryOptions> = optionNames<SharedMemoryOptions>({ name: true });

interface Given {
  readonly name: string;
  readonly memory: SharedArrayBuffer;
}

/**
 * A block of memory that all threads see that are given it.
 *
 * Pass it to a task, in a thread, as an argument: nothing is copied, and what one thread writes the others read. The bytes are
 * bare memory. Who writes to them beside others needs a `Lock`, or `Atomics`; `SharedValue` and `SharedArray` bring both. In
 * processes it is refused, as they share no memory here.
 *
 * There is nothing to close: the memory is freed when no thread knows the block any more.
 *
 * **Cost.** To pass it costs the same whatever its size.
 *
 * @example Fill it in another thread
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inline, SharedMemory, ThreadPoolExecutor } from "@heddle/heddle";
 *
 * const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
 * const memory = new SharedMemory(1024, { name: "picture" });
 * const fill = inline(({ bytes }: SharedMemory, value: number): void => void bytes.fill(value));
 * await pool.submit(fill, memory, 7);
 * assertEquals([memory.name, memory.size, memory.bytes[1023]], ["picture", 1024, 7]);
 * await pool.shutdown();
 * ```
 */
export class SharedMemory {
  readonly #name: string;
  readonly #bytes: Uint8Array<SharedArrayBuffer>;

  static {
    travelsBetweenThreads<SharedMemory, Given>(
      this,
      "SharedMemory",
      import.meta.url,
      (block) => ({ name: block.#name, memory: block.#bytes.buffer }),
      ({ memory }) => new SharedMemory(memory.byteLength),
    );
    printsAs(this, "SharedMemory", ["name", "size"]);
  }

  /**
   * Makes a block in which every byte is 0.
   *
   * @param bytes how many.
   * @param options its name.
   * @throws {RangeError} if that is less than 1, or more than there is.
   */
  constructor(bytes: number, options: SharedMemoryOptions = {}) {
    const given = takeGiven<Given>();
    if (given !== undefined) {
      this.#name = given.name;
      this.#bytes = new Uint8Array(given.memory);
      return;
    }
    checkInteger("Cannot make shared memory as 'bytes'", bytes, 1);
    const { name = `memory-${runtime.uniqueId()}` } = checkOptions(
      "Cannot make shared memory as 'options'",
      options,
      OPTIONS,
    );
    if (typeof name !== "string") {
      throw new TypeError(`Cannot make shared memory as 'name' must be a string: current value is ${show(name)}`);
    }
    this.#name = name;
    this.#bytes = new Uint8Array(allocate("Cannot make shared memory", bytes));
  }

  /** Its name, the same in all threads. */
  get name(): string {
    return this.#name;
  }

  /** The memory itself. */
  get bytes(): Uint8Array<SharedArrayBuffer> {
    return this.#bytes;
  }

  /** How many bytes there are. */
  get size(): number {
    return this.#bytes.length;
  }
}
