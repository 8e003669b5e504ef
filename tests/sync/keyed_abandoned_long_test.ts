// Tests keyed locks with threads that are terminated while they acquire and release keys.

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { KeyedLock, KeyedSemaphore, Thread } from "../../mod.ts";
import { kindOf } from "../../src/wire/handles.ts";
import { churnKeys } from "../fixtures/keyed_tasks.ts";
import { sharedCells } from "./threads.ts";
import { until } from "../support/poll.ts";

const timeout = 120_000;
/** Keys of different lengths, some of which need several blocks. */
const KEYS = Array.from({ length: 20 }, (_, i) => `${"key ".repeat(i * 3)}${i}`);
/**
 * Cells of the table: the first free block, the end of the used blocks, and the first block; the cell of the next block
 * in a block; the size of a block.
 */
const FREE = 2, USED = 3, FIRST_BLOCK = 128 + 2 ** 14, NEXT = 3, BLOCK = 16;

for (const make of [() => new KeyedLock(), () => new KeyedSemaphore(2)]) {
  test(`${make().constructor.name} releases the keys of terminated threads, and loses no memory`, {
    timeout,
  }, async () => {
    const lock = make();
    const { cells } = kindOf(lock)!.share!(lock) as { cells: Int32Array };
    const stop = sharedCells(1);
    const survivor = new Thread(churnKeys, [lock, stop, KEYS]).start();
    for (let round = 0; round < 20; round++) {
      const thread = new Thread(churnKeys, [lock, sharedCells(1), KEYS]).start();
      const before = cells[USED]!;
      await until("it has begun", () => cells[USED]! > FIRST_BLOCK || before > FIRST_BLOCK);
      for (let i = 0; i < 200 + 37 * round; i++) {
        try {
          lock.acquireSync(KEYS[i % KEYS.length]!).release();
        } catch (error) {
          assertEquals((error as Error).name, "AbandonedError");
        }
      }
      await thread.terminate();
      await thread.result.exception();
    }
    Atomics.store(stop, 0, 1);
    await survivor.result.exception();
    await until("all are forgotten", () => [...lock.keys()].length === 0);
    let free = 0;
    for (let block = cells[FREE]!; block !== 0; block = cells[block + NEXT]!) free++;
    assertEquals(free, (cells[USED]! - FIRST_BLOCK) / BLOCK);
    assert(free < 500, String(free));
  });
}
