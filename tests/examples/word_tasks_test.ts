import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  batchesOf,
  type BatchPlan,
  type FoundFile,
  walk,
  WalkLog,
  weightOf,
} from "../../scripts/examples/support/walk.ts";
import { WordTable } from "../../scripts/examples/support/word_table.ts";
import { countFiles, countWords, newTotals } from "../../scripts/examples/word_tasks.ts";
import { withFolder } from "./support.ts";

test("countWords() counts a missing file as unreadable", async () => {
  await withFolder({ "a.txt": "one two one" }, async (folder) => {
    const { totals, words } = await countWords([join(folder, "a.txt"), join(folder, "gone.txt")]);
    assertEquals(totals, { files: 1, binary: 0, unreadable: 1, bytes: 11, words: 3 });
    const table = new WordTable();
    table.merge(words);
    assertEquals([...table], [["one", 2], ["two", 1]]);
  });
});

test("countFiles() ends between two files when its signal aborts", async () => {
  await withFolder({ "a.txt": "one two three\n".repeat(1_000) }, async (folder) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("interrupted")), 1);
    // Counting them all would take hours.
    const paths = Array.from({ length: 1_000_000 }, () => join(folder, "a.txt"));
    const totals = newTotals();
    await assertRejects(() => countFiles(paths, new WordTable(), totals, controller.signal), Error, "interrupted");
    assert(totals.files < paths.length);
  });
});

test("WordTable counts the words that a regular expression finds", () => {
  const texts = [
    "one Two TWO 3three _four fo_ur5 naïve Straße ÉCOLE 日本語 x日本語y é9 9é a—b",
    Array.from({ length: 5_000 }, (_, i) => `w${i % 3_000} été${i % 700}`).join(" "),
    "",
  ];
  const table = new WordTable();
  const expected = new Map<string, number>();
  for (const text of texts) {
    const words = text.toLowerCase().match(/\p{L}[\p{L}\p{M}\p{N}_]*/gu) ?? [];
    for (const word of words) expected.set(word, (expected.get(word) ?? 0) + 1);
    assertEquals(table.add(new TextEncoder().encode(text)), words.length);
  }
  assertEquals(table.size, expected.size);
  assertEquals(new Map(table), expected);
});

test("WordTable.merge() adds counts, and equals() tells tables apart", () => {
  const [a, b] = ["x y y", "y z"].map((text) => {
    const table = new WordTable();
    table.add(new TextEncoder().encode(text));
    return table;
  }) as [WordTable, WordTable];
  assert(!a.equals(b));
  const [ab, ba] = [a, b].map((table) => {
    const copy = new WordTable();
    copy.merge(table.toCounts());
    return copy;
  }) as [WordTable, WordTable];
  ab.merge(b.toCounts());
  ba.merge(a.toCounts());
  assertEquals([...ab], [["x", 1], ["y", 3], ["z", 1]]);
  assertEquals(ab.mostFrequent(2), [["y", 3], ["x", 1]]);
  assert(ab.equals(ba));
  ba.add(new TextEncoder().encode("z"));
  assert(!ab.equals(ba));
});

test("walk() continues when the next file or folder has been deleted", async () => {
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

test("batchesOf() ends a batch by bytes or by number of files, and stops at the limit", async () => {
  const sizes = [5_000_000, 1, 2, 3];
  assertEquals(await lengths(sizes.map(fileOf), Infinity), [1, 3]);
  assertEquals(await lengths(sizes.map(fileOf), 2), [1, 1]);
  assertEquals(await lengths(Array.from({ length: 1_025 }, () => fileOf(1)), Infinity), [512, 512, 1]);
});

test("batchesOf() makes small batches first, then large ones, and small ones at the end", async () => {
  const files = Array.from({ length: 1_024 }, () => fileOf(64 * 1024));
  const plan = { weight: weightOf(1_024, 1_024 * 64 * 1024), workers: 2 };
  const found = await lengths(files, Infinity, plan);
  assertEquals(found.slice(0, 3), [4, 4, 254]);
  assert(found.slice(3).every((length, i) => length <= found[i + 2]!), String(found));
  assert(found.at(-1)! < 20 && found.length < 30, String(found));
});

async function lengths(files: FoundFile[], limit: number, plan?: BatchPlan): Promise<number[]> {
  const found: number[] = [];
  for await (const batch of batchesOf(stream(files), limit, plan)) found.push(batch.length);
  return found;
}

async function* stream(files: FoundFile[]): AsyncGenerator<FoundFile> {
  for (const file of files) yield await Promise.resolve(file);
}

function fileOf(size: number): FoundFile {
  return { path: "file", size };
}
