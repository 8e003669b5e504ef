import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { FifoStorage, LifoStorage, type Storage } from "../../src/queue/storage.ts";

const STORAGES: [string, Storage<number>, number[]][] = [
  ["FifoStorage.take() returns the oldest item", new FifoStorage<number>(), [1, 2, 3]],
  ["LifoStorage.take() returns the newest item", new LifoStorage<number>(), [3, 2, 1]],
];

for (const [name, storage, order] of STORAGES) {
  test(name, () => {
    assertEquals([storage.size, storage.take()], [0, undefined]);
    for (const item of [1, 2, 3]) storage.add(item);
    assertEquals(storage.size, 3);
    assertEquals([storage.take(), storage.take(), storage.take(), storage.take()], [...order, undefined]);
    assertEquals(storage.size, 0);
  });
}
