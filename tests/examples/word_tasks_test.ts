import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { batchesOf, type FoundFile, walk, WalkLog } from "../../scripts/examples/support/walk.ts";
import { countWords } from "../../scripts/examples/word_tasks.ts";
import { withFolder } from "./support.ts";

test("countWords() counts a file that is gone as unreadable", async () => {
  await withFolder({ "a.txt": "one two one" }, async (folder) => {
    const { tally, words, counts } = countWords([join(folder, "a.txt"), join(folder, "gone.txt")]);
    assertEquals(tally, { files: 1, binary: 0, unreadable: 1, bytes: 11, words: 3 });
    assertEquals([words, [...counts]], ["one\ntwo", [2, 1]]);
    await Promise.resolve();
  });
});

test("walk() goes on when what it is about to look at has vanished", async () => {
  await withFolder({ "a/1.txt": "", "b/1.txt": "" }, async (folder) => {
    const log = new WalkLog();
    const seen: FoundFile[] = [];
    for await (const file of walk(folder, log)) {
      seen.push(file);
      for (const name of ["a", "b"]) rmSync(join(folder, name), { recursive: true, force: true });
    }
    assertEquals([seen.length, log.files, log.unreadable], [1, 1, 1]);
  });
});

test("batchesOf() ends a batch by bytes or by number, and stops at the limit", async () => {
  const sizes = [5_000_000, 1, 2, 3];
  assertEquals(await lengths(sizes.map(fileOf), Infinity), [1, 3]);
  assertEquals(await lengths(sizes.map(fileOf), 2), [1, 1]);
  assertEquals(await lengths(Array.from({ length: 1_025 }, () => fileOf(1)), Infinity), [512, 512, 1]);
});

async function lengths(files: FoundFile[], limit: number): Promise<number[]> {
  const found: number[] = [];
  for await (const batch of batchesOf(stream(files), limit)) found.push(batch.length);
  return found;
}

async function* stream(files: FoundFile[]): AsyncGenerator<FoundFile> {
  for (const file of files) yield await Promise.resolve(file);
}

function fileOf(size: number): FoundFile {
  return { path: "file", size };
}
